from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="notification",
            options={
                "ordering": ["-pk"],
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
            },
        ),
        migrations.AddField(
            model_name="notification",
            name="quiet",
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveIndex(model_name="notification", name="notifications_newest"),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["member", "-id"], name="notifications_newest"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["topic", "member"], name="notifications_topic"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("mailed_at", None), ("quiet", False), ("seen_at", None)),
                fields=["created_at"],
                name="notifications_to_mail",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["created_at"], name="notifications_oldest"),
        ),
    ]
