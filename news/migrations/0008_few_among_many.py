from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("news", "0007_workingcopy_images")]
    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=models.Q(("is_pinned", True)),
                fields=["-publish_at", "-id"],
                name="news_article_pinned",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                condition=models.Q(("publish_at__isnull", False), ("released_at", None)),
                fields=["publish_at"],
                name="news_article_unreleased",
            ),
        ),
    ]
