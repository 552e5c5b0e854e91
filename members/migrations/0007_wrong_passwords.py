from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0006_directory")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="wrong_passwords",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
