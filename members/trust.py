"""How far a member is trusted, and what follows: computed from the record, never given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from caisu.core.models import SiteSettings
from caisu.core.throttling import Limit

from .models import Member

# So long after joining less is written a day (Discourse: 3 topics, 10 replies).
FIRST_DAY = timedelta(days=1)
FIRST_DAY_COMMENTS, FIRST_DAY_POSTS = 10, 3
# In one text of a newcomer, and in one post.
NEWCOMERS_LINKS, NEWCOMERS_PICTURES = 1, 1
# How soon one comment may follow the other, and one post the other (Discourse).
COMMENTS, COMMENTS_OF_A_NEWCOMER = Limit("comment", 1, 5), Limit("comment-newcomer", 1, 30)
POSTS, POSTS_OF_A_NEWCOMER = Limit("post", 1, 15), Limit("post-newcomer", 1, 120)


class Trust(models.TextChoices):
    """A newcomer's texts all wait; a member's appear; a trusted member's links are live, too."""

    NEWCOMER = "newcomer", pgettext_lazy("trust", "Newcomer")
    MEMBER = "member", pgettext_lazy("trust", "Member")
    TRUSTED = "trusted", pgettext_lazy("trust", "Trusted member")


@dataclass(frozen=True)
class Limits:
    """What a member may do at once. None: no limit but those that all have.

    ``links`` in one text; ``pictures`` in one post; ``comments_today`` and ``posts_today`` while
    the first day lasts, which ends at ``first_day_ends``.
    """

    comments: Limit
    posts: Limit
    links_live: bool = False
    links: int | None = None
    pictures: int | None = None
    comments_today: int | None = None
    posts_today: int | None = None
    first_day_ends: datetime | None = None


def level(member: Member, held: int | None = None) -> Trust:
    """A newcomer until the first contributions were approved; trusted after enough of them and days.

    Args:
        held: how many first contributions are held, where a list of members knows it already.
    """
    if member.is_trusted:
        return Trust.TRUSTED
    if held is None:
        held = SiteSettings.load().first_contributions_held
    if member.is_full_member and member.approved_count >= held:
        return Trust.MEMBER
    return Trust.NEWCOMER


def limits(member: Member) -> Limits:
    """What holds for a member now; asks the database for nothing but the cached settings."""
    reached = level(member)
    ends = member.date_joined + FIRST_DAY
    first_day = reached != Trust.TRUSTED and timezone.now() < ends
    new = reached == Trust.NEWCOMER
    return Limits(
        comments=COMMENTS_OF_A_NEWCOMER if new else COMMENTS,
        posts=POSTS_OF_A_NEWCOMER if new else POSTS,
        links_live=reached == Trust.TRUSTED,
        links=NEWCOMERS_LINKS if new else None,
        pictures=NEWCOMERS_PICTURES if new else None,
        comments_today=FIRST_DAY_COMMENTS if first_day else None,
        posts_today=FIRST_DAY_POSTS if first_day else None,
        first_day_ends=ends if first_day else None,
    )


def too_many_links(count: int, member: Member) -> str:
    """What to say to a member whose text has ``count`` links; empty if it may have them."""
    most = limits(member).links
    if most is None or count <= most:
        return ""
    return ngettext(
        "New members may use %(count)d link in a text. Take the others out, or ask a moderator.",
        "New members may use %(count)d links in a text. Take the others out, or ask a moderator.",
        most,
    ) % {"count": most}


def too_many_pictures(count: int, member: Member) -> str:
    """The same for the pictures of a post."""
    most = limits(member).pictures
    if most is None or count <= most:
        return ""
    return ngettext(
        "New members may add %(count)d picture to a post. Take the others out, or ask an editor.",
        "New members may add %(count)d pictures to a post. Take the others out, or ask an editor.",
        most,
    ) % {"count": most}


@dataclass(frozen=True)
class Standing:
    """Where a member stands, in words that fit whoever reads them: the member, or staff."""

    level: Trust
    # What is missing to the next level; nothing for who is trusted.
    missing: list[str]
    # What may and may not be done meanwhile.
    rules: list[str]


def explain(member: Member) -> Standing:
    """Where ``member`` stands, what is missing, and what that means for what they write."""
    reached = level(member)
    missing = [] if reached == Trust.TRUSTED else [_way_to_trust(member)]
    if reached == Trust.NEWCOMER:
        missing.insert(0, _way_to_member(member))
    return Standing(reached, missing, _rules(member, reached))


def _way_to_member(member: Member) -> str:
    if member.is_pending:
        return _("First of all somebody of us approves the account.")
    held = SiteSettings.load().first_contributions_held
    return ngettext(
        "%(done)d of the first %(count)d contribution is approved. After that, comments appear at "
        "once.",
        "%(done)d of the first %(count)d contributions are approved. After that, comments appear "
        "at once.",
        held,
    ) % {"done": min(member.approved_count, held), "count": held}


def _way_to_trust(member: Member) -> str:
    days = min((timezone.now() - member.date_joined).days, Member.TRUSTED_AFTER.days)
    return _(
        "On the way to trusted member: %(done)d of %(needed)d approved contributions, %(days)d of "
        "%(of_days)d days."
    ) % {
        "done": min(member.approved_count, Member.TRUSTED_CONTRIBUTIONS),
        "needed": Member.TRUSTED_CONTRIBUTIONS,
        "days": days,
        "of_days": Member.TRUSTED_AFTER.days,
    }


def _rules(member: Member, reached: Trust) -> list[str]:
    now = limits(member)
    if reached == Trust.TRUSTED:
        return [_("What a trusted member writes appears at once, and links are live.")]
    rules = []
    if reached == Trust.NEWCOMER:
        rules.append(_("A moderator reads comments and posts before others see them."))
    else:
        rules.append(_("Comments appear at once, unless something in them looks like spam."))
    if now.links is not None:
        rules.append(
            ngettext(
                "A text may have %(count)d link. It leads somewhere once a moderator has looked.",
                "A text may have %(count)d links. They lead somewhere once a moderator has looked.",
                now.links,
            )
            % {"count": now.links}
        )
    else:
        rules.append(_("Links in comments lead somewhere once a moderator has looked."))
    if member.links:
        rules.append(_("The links on the profile are plain text for now."))
    if member.is_pending:
        rules.append(_("Pictures come with approval."))
    elif now.pictures is not None:
        rules.append(
            ngettext(
                "A post may have %(count)d picture.",
                "A post may have %(count)d pictures.",
                now.pictures,
            )
            % {"count": now.pictures}
        )
    if now.first_day_ends:
        rules.append(
            _("On the first day %(comments)d comments and %(posts)d posts can be written.")
            % {"comments": FIRST_DAY_COMMENTS, "posts": FIRST_DAY_POSTS}
        )
    return rules
