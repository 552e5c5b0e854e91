import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0004_indexes")]

    operations = [
        migrations.CreateModel(
            name="BarredAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("until", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "barred address",
                "verbose_name_plural": "barred addresses",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="member",
            name="leaves_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="leaves"
            ),
        ),
        migrations.AlterField(
            model_name="formerhandle",
            name="member",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_handles",
                to=settings.AUTH_USER_MODEL,
                verbose_name="member",
            ),
        ),
    ]
