import re

from django.db import migrations

# As the addresses of pictures were in bodies when this was written.
PICTURE = re.compile(r"/media/images/([0-9a-f]{32})/")


def note(apps, schema_editor):
    """Notes which pictures each page shows. A page is public, and so is what it shows."""
    Page = apps.get_model("core", "Page")
    Image = apps.get_model("core", "Image")
    for page in Page.objects.all():
        tokens = set(PICTURE.findall(page.body_zh_hans + page.body_en))
        shown = Image.objects.filter(token__in=tokens)
        page.images.set(shown)
        shown.update(audience="everyone")


def forget(apps, schema_editor):
    """Whom the pictures are open to stays: the pages still show them."""
    apps.get_model("core", "Page").images.through.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("core", "0004_picture_library")]

    operations = [migrations.RunPython(note, forget)]
