from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self):
        from caisu.core import daily, fulltext

        from . import (
            addresses,
            findable,
            guessing,
            joining,
            leaving,
            models,
            presence,
            sessions,
            social,
        )

        guessing.connect()
        joining.connect()
        leaving.connect()
        presence.connect()
        sessions.connect()
        addresses.connect()
        social.connect()
        fulltext.register(models.Member, findable.MemberIndex)
        daily.register(
            daily.Kind("signups", _("Sign-ups"), joining.signups_each_day, place=2),
        )
