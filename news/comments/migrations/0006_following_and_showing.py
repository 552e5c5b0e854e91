from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0005_counted")]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="shown_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["article", "shown_at"], name="comments_shown"),
        ),
        migrations.AlterField(
            model_name="reading",
            name="follows",
            field=models.BooleanField(null=True),
        ),
    ]
