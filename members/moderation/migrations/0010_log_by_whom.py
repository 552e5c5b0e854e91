from django.db import migrations, models


class Migration(migrations.Migration):
    """Of a million decisions, those of one moderator or of one kind, and the few that were undone."""

    dependencies = [("moderation", "0009_appeal_once")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["by", "-at", "-id"], name="moderation_decision_by"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["action", "-at", "-id"], name="moderation_decision_action"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("undoes__isnull", False)),
                fields=["undoes"],
                name="moderation_decision_undone",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("sweep__isnull", False)),
                fields=["sweep"],
                name="moderation_decision_swept",
            ),
        ),
    ]
