from django.db import migrations


def add(apps, schema_editor):
    """The first category, without which no article can be written."""
    Category = apps.get_model("news", "Category")
    Category.objects.get_or_create(
        slug="local-news",
        defaults={
            "name_zh_hans": "本地新闻",
            "name_en": "Local News",
            "description_zh_hans": "波卡特洛和周边的消息：天气、道路、交通、店铺，以及住在这里用得上的事。",
            "description_en": "News from Pocatello and around: weather, roads, buses, shops and what you need to live here.",
            "colour": "#c3272b",
        },
    )


class Migration(migrations.Migration):
    dependencies = [("news", "0002_roles")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
