from django.db import migrations

from caisu.core.roles import WEBMASTER, grant


def fill(apps, schema_editor):
    grant(apps, WEBMASTER, "search", ["view_searchcount"])


class Migration(migrations.Migration):
    dependencies = [("search", "0001_searches"), ("moderation", "0002_roles")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
