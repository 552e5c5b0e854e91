from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SearchCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("query", models.CharField(max_length=60, verbose_name="words")),
                ("times", models.PositiveIntegerField(verbose_name="times")),
                ("in_vain", models.PositiveIntegerField(default=0, verbose_name="in vain")),
            ],
            options={
                "verbose_name": "search",
                "verbose_name_plural": "searches",
                "default_permissions": ["view"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "query"), name="search_searchcount_one_a_day"
                    )
                ],
            },
        ),
    ]
