from django.db import migrations, models
from django.db.models import Q


def listed_by(field, name):
    """For the directory: those who show ``name``, by ``field`` and newest first."""
    index = models.Index(
        fields=["standing", field, "-id"],
        name=f"members_listed_{field}",
        condition=Q(leaves_at=None)
        & ~Q(visibility="nobody")
        & ~Q(**{f"{name}_audience": "nobody"}),
    )
    return migrations.AddIndex(model_name="member", index=index)


class Migration(migrations.Migration):
    dependencies = [("members", "0005_leaving")]
    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                fields=["standing", "-id"],
                name="members_listed",
                condition=Q(leaves_at=None) & ~Q(visibility="nobody"),
            ),
        ),
        listed_by("affiliation", "affiliation"),
        listed_by("department", "department"),
        listed_by("province", "hometown"),
        listed_by("arrived", "arrived"),
    ]
