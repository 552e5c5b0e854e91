from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0003_what_was_before")]
    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("avatar", ""), _negated=True),
                fields=["avatar"],
                name="members_avatar",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                fields=["signed_up_from", "date_joined"], name="members_signed_up_from"
            ),
        ),
    ]
