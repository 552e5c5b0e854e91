import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A decision about several members is answered by each of them."""

    dependencies = [("moderation", "0007_storm_watch")]

    operations = [
        migrations.AlterField(
            model_name="appeal",
            name="decision",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="moderation.decision",
                verbose_name="decision",
            ),
        ),
    ]
