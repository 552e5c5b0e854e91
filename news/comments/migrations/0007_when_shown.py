from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    """Comments that can be read now were shown when they were written, as far as anybody knows."""
    comments = apps.get_model("comments", "Comment").objects.using(schema_editor.connection.alias)
    comments.filter(state="visible", shown_at=None).update(shown_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("comments", "0006_following_and_showing")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
