from django.db import migrations

from caisu.core.roles import EDITOR, WEBMASTER, every, grant


def fill(apps, schema_editor):
    articles = [*every("article", "category", "tag"), "article.publish_article"]
    grant(apps, EDITOR, "news", articles)
    grant(apps, WEBMASTER, "news", articles)
    grant(apps, EDITOR, "core", every("image"))


class Migration(migrations.Migration):
    dependencies = [("news", "0001_initial"), ("moderation", "0002_roles")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
