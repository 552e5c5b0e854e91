from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_clean_house")]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["article", "state", "deleted_at"], name="comments_counted"),
        )
    ]
