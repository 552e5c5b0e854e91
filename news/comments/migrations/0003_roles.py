from django.db import migrations

from caisu.core.roles import MODERATOR, WEBMASTER, grant


def fill(apps, schema_editor):
    for role in (MODERATOR, WEBMASTER):
        grant(apps, role, "comments", ["view_comment"])


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_keys_and_constraints"), ("news", "0003_local_news")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
