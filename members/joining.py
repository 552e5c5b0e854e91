"""From a confirmed address to a member."""

from allauth.account.signals import email_confirmed, user_signed_up
from django.db import transaction
from django.utils import timezone

from caisu.core.models import SiteSettings

from .adapter import INVITATION_KEY
from .models import Invitation, Member
from .signals import member_confirmed


def take_invitation(request, user, **kwargs):
    """Ties the invitation in the visitor's session to the new account.

    It is used up only by a proven address: one that was mistyped must not lock its owner out.
    """
    code = request.session.get(INVITATION_KEY) if request else None
    if code:
        Invitation.objects.filter(code=code, used_at=None).update(used_by=user)


@transaction.atomic
def confirm(request, email_address, **kwargs):
    """The address is proven. In open mode, or with an invitation, that makes a member."""
    member = email_address.user
    if member.standing != Member.Standing.PENDING:
        return
    open_to_all = SiteSettings.load().signup_mode == SiteSettings.SignupMode.OPEN
    invitation = Invitation.objects.filter(used_by=member, used_at=None)
    if invitation.update(used_at=timezone.now()) or open_to_all:
        member.stand(Member.Standing.ACTIVE)
    member_confirmed.send(sender=Member, member=member)


def connect():
    user_signed_up.connect(take_invitation, dispatch_uid="members.take_invitation")
    email_confirmed.connect(confirm, dispatch_uid="members.confirm")
