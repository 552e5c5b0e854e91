from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0008_of_author")]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["article", "created_at", "id"],
                condition=models.Q(root=None),
                name="comments_heads",
            ),
        ),
    ]
