"""From a confirmed address to a member."""

from allauth.account.signals import email_confirmed, user_signed_up
from django.db import transaction
from django.utils import timezone

from caisu.core.models import SiteSettings

from .adapter import INVITATION_KEY
from .models import Invitation, Member
from .signals import member_confirmed


def use_invitation(request, user, **kwargs):
    """Ties the invitation in the visitor's session to the new account; only one account gets it."""
    code = request.session.pop(INVITATION_KEY, None) if request else None
    if code:
        Invitation.objects.filter(code=code, used_at=None).update(
            used_at=timezone.now(), used_by=user
        )


@transaction.atomic
def confirm(request, email_address, **kwargs):
    """The address is proven. In open mode, or with an invitation, that makes a member."""
    member = email_address.user
    if member.standing != Member.Standing.PENDING:
        return
    open_to_all = SiteSettings.load().signup_mode == SiteSettings.SignupMode.OPEN
    if open_to_all or Invitation.objects.filter(used_by=member).exists():
        member.stand(Member.Standing.ACTIVE)
    member_confirmed.send(sender=Member, member=member)


def connect():
    user_signed_up.connect(use_invitation, dispatch_uid="members.use_invitation")
    email_confirmed.connect(confirm, dispatch_uid="members.confirm")
