from django.db import migrations

from caisu.core.roles import MODERATOR, WEBMASTER, every, grant


def fill(apps, schema_editor):
    decide = ["case.decide", "view_case", "view_decision", "view_report"]
    grant(apps, MODERATOR, "moderation", decide)
    grant(apps, WEBMASTER, "moderation", decide)
    grant(apps, MODERATOR, "members", ["view_member"])
    grant(
        apps,
        WEBMASTER,
        "members",
        [*every("member", "invitation", "terms"), "view_termsacceptance"],
    )
    grant(apps, WEBMASTER, "core", [*every("sitesettings", "page", "image")])
    jobs = ["view_backgroundjob", "change_backgroundjob", "view_periodicjob", "change_periodicjob"]
    grant(apps, WEBMASTER, "core", jobs)


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0001_initial"),
        ("core", "0003_image_uploaded_by"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
