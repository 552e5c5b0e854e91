from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_pictures_of_pages"),
        ("news", "0006_stale_in_a_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="workingcopy",
            name="images",
            field=models.ManyToManyField(
                editable=False, related_name="working_copies", to="core.image"
            ),
        ),
    ]
