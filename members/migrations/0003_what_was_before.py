from datetime import timedelta

from django.db import migrations
from django.db.models import F


def complete(apps, schema_editor):
    """Invitations end a month after they were made; who holds a role was appointed to it."""
    Invitation = apps.get_model("members", "Invitation")
    Invitation.objects.update(expires_at=F("created_at") + timedelta(days=30))
    Member = apps.get_model("members", "Member")
    Appointment = apps.get_model("members", "Appointment")
    Appointment.objects.bulk_create(
        [
            Appointment(member_id=holds.member_id, role_id=holds.group_id)
            for holds in Member.groups.through.objects.all()
        ],
        ignore_conflicts=True,  # gone back and forth, they are there
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0002_profiles_and_offices")]
    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
