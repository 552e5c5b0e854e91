from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "members.moderation"
    label = "moderation"
    verbose_name = _("Moderation")

    def ready(self):
        from members.signals import member_confirmed

        from . import waiting

        member_confirmed.connect(
            waiting.on_member_confirmed, dispatch_uid="moderation.member_confirmed"
        )
