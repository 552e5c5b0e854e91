"""Why something waits: names that the database keeps, and their words for moderators."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from .filtering.rules import RULES

REASONS = {
    "pending": _("The author is not approved yet."),
    "first": _("One of the author's first contributions."),
    "links": _("Has links, and the author is not yet trusted."),
    "reported": _("Reported by a member."),
    "submitted": _("A member's own post."),
    "edited": _("The author changed a published post."),
    "signup": _("Wants to join."),
    # About newcomers; weighed in scoring.WEIGHTS.
    "honeypot": _("A field that people do not see was filled in."),
    "fast": _("The sign-up was filled in faster than people type."),
    "no_proof": _(
        "Their browser did not do the small sum that slows robots; it may lack JavaScript."
    ),
    "crowded_address": _("Many signed up from the same network address that day."),
    "address_shared": _("Somebody else signed up from the same network address lately."),
    "address_closed": _("Somebody from the same network address was banned or refused."),
    "domain_closed": _("Somebody with the same mail domain was banned or refused."),
    "crowded_domain": _("Many signed up with the same mail domain within a day."),
    "banned_before": _("Somebody with this very e-mail address was closed out, and then left."),
    "throwaway": _("The mailbox is one to throw away."),
    "name_link": _("The name has a link."),
    "name_contact": _("The name has a phone number or another contact."),
    "name_disguised": _("The name mixes alphabets that look alike."),
    "vouched": _("A member vouches for them."),
    "issue": _("Somebody reports an issue."),
    "unchecked": _("Something failed while it was looked at."),
    "blocked": _("Something in it is on the block list."),
    "storm": _("Far more comes in than usual, and it has links."),
    "classifier": _("Reads like what was marked as spam before."),
    "profile": _("What a member says about themselves."),
    "reports_hide": _("So many trusted members reported it that it is hidden for now."),
    "appeal": _("Somebody answers to a decision about them."),
}


def words(names: Iterable[str]) -> list[str]:
    """What ``names`` say, in the active language; a name that is no more stands for itself."""
    return [str(RULES[name].reason if name in RULES else REASONS.get(name, name)) for name in names]
