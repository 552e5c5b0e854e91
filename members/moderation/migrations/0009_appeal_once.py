from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moderation", "0008_appeal_of_each")]

    operations = [
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                fields=["decision", "member"], name="moderation_appeal_once"
            ),
        ),
    ]
