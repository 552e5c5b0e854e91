from django.db import migrations


def mark(apps, schema_editor):
    """Until now only members' own posts were ever submitted."""
    apps.get_model("news", "Article").objects.filter(status="submitted").update(is_post=True)


class Migration(migrations.Migration):
    dependencies = [("news", "0004_news_desk")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
