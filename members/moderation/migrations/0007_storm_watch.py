import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """When a storm was last over its level, and how many cases an hour saw."""

    dependencies = [("moderation", "0006_lessons_counted")]

    operations = [
        migrations.AddField(
            model_name="storm",
            name="last_over_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["since"], name="moderation_case_since"),
        ),
    ]
