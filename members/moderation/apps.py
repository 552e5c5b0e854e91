from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModerationConfig(AppConfig):
    name = "members.moderation"
    label = "moderation"
    verbose_name = _("Moderation")

    def ready(self):
        from caisu.core import daily
        from members.signals import member_confirmed, member_left, profile_changing, signing_up

        from . import appointing, blocking, figures, personal, profile_holding, waiting

        personal.connect()
        daily.register(
            daily.Kind(
                "caught",
                _("Spam caught"),
                figures.caught_each_day,
                place=4,
                permission="moderation.decide",
            )
        )

        signing_up.connect(blocking.on_signing_up, dispatch_uid="moderation.blocked")
        member_confirmed.connect(
            waiting.on_member_confirmed, dispatch_uid="moderation.member_confirmed"
        )
        profile_changing.connect(
            profile_holding.on_profile_changing, dispatch_uid="moderation.profile_changing"
        )
        member_left.connect(waiting.on_member_left, dispatch_uid="moderation.member_left")
        member_left.connect(appointing.on_member_left, dispatch_uid="moderation.roles_end")
