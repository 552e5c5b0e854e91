from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_roles"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="action",
            field=models.CharField(
                choices=[
                    ("approve", "Approved"),
                    ("remove", "Removed"),
                    ("spam", "Marked as spam"),
                    ("admit", "Admitted"),
                    ("refuse", "Refused"),
                    ("return", "Returned with a note"),
                    ("suspend", "Suspended"),
                    ("ban", "Banned"),
                    ("restore", "Restored"),
                    ("answer", "Answered"),
                    ("dismiss", "Closed without an answer"),
                ],
                max_length=8,
                verbose_name="decision",
            ),
        ),
    ]
