from django.db import migrations, models


class Migration(migrations.Migration):
    """What members want to say of themselves waits beside what is shown."""

    dependencies = [("members", "0008_clean_house")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="proposed",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
    ]
