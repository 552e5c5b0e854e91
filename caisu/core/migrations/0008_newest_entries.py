from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0007_clean_house")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["published_at", "id"], name="core_entry_newest"),
        ),
    ]
