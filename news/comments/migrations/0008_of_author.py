from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0007_when_shown")]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["author", "state"], name="comments_of_author"),
        ),
    ]
