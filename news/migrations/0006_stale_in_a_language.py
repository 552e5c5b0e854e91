from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("news", "0005_members_posts")]
    operations = [
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(stale__in=["", "zh-hans", "en"]),
                name="news_article_stale_in_a_language",
            ),
        )
    ]
