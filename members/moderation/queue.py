"""Everything that waits, as one page shows it: groups of like things, each with what it takes to decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import isfinite
from typing import Any

from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db import models
from django.db.models import Count, F, Max, Min, Q, When
from django.db.models.functions import Cast, RowNumber
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from caisu.core.models import SiteSettings
from members import trust
from members.models import Member

from . import appealing, profile_holding, scoring, ties
from .case_acting import KEYS, NEEDS_WORDS, Acts, acts_for, meant, quick_for
from .models import Appeal, Case, Moderated, State
from .signup_admin import words_for
from .sweeping import may_sweep, moderated_models
from .waiting import to_decide

PAGE = 25  # groups on one page
SHOWN = 4  # things of a group that are shown whole
LISTED = 16  # … and so many more by their first words
MOST = 500  # things of a group that one act decides
FIRST_WORDS = 100


@dataclass
class Card:
    """One case, with what a moderator wants to know at a glance."""

    case: Case
    text: str
    context: list[tuple[str, str]]
    why: list[str]
    next: str
    level: str = ""
    domain: str = ""
    history: list[tuple[str, int]] = field(default_factory=list)
    spammer: bool = False


@dataclass
class Group:
    """Things that stand together: one act decides them all."""

    key: str
    count: int
    accounts: int
    oldest: datetime
    score: float
    # What they have in common, in words.
    tie: str = ""
    cards: list[Card] = field(default_factory=list)
    # Beyond the cards: case and its first words.
    more: list[tuple[Case, str]] = field(default_factory=list)
    # And of those beyond that, which are not shown, their keys.
    rest: list[int] = field(default_factory=list)
    # Of each button: its value, its words, the key that presses it, whether it needs words.
    acts: list[tuple[str, Any, str, bool]] = field(default_factory=list)
    # Reasons at hand, by name.
    quick: dict[str, Any] = field(default_factory=dict)
    # Where to go on after an act without a script.
    next: int = 0

    @property
    def pk(self) -> int:
        """What stands for it in addresses within the page."""
        return self.cards[0].case.pk if self.cards else 0

    @property
    def is_one(self) -> bool:
        return self.count == 1

    @property
    def chosen(self) -> int:
        """How many one act decides."""
        return len(self.cards) + len(self.more) + len(self.rest)

    @property
    def spammer(self) -> Member | None:
        """The one whose things all these are, where there is one to clean up after."""
        one = self.accounts == 1 and self.cards[0].spammer
        return self.cards[0].case.member if one else None


@dataclass
class Page:
    """Some groups; ``after`` is where the next page begins, empty on the last."""

    groups: list[Group]
    after: str


def asked(
    kind: str = "", language: str = "", reason: str = "", group: str = ""
) -> models.QuerySet[Case]:
    """What waits for us, narrowed down; with its ``key``, the same for like things."""
    alone = When(group="", then=Cast("pk", models.CharField()))
    cases: Any = to_decide().annotate(
        key=models.Case(alone, default=F("group"), output_field=models.CharField())
    )
    if kind in Case.Kind.values:
        cases = cases.filter(kind=kind)
    if language:
        cases = cases.filter(language=language)
    if reason:
        # As text: databases do not agree on how to look into a list.
        names = Cast("reasons", models.TextField())
        cases = cases.annotate(names=names).filter(names__contains=f'"{reason}"')
    if group:
        cases = cases.filter(key=group)
    return cases


def page(
    cases: models.QuerySet[Case],
    by: Member,
    *,
    by_score: bool = False,
    after: str = "",
    listed: int = LISTED,
) -> Page:
    """One page of the queue, in a fixed number of queries.

    Args:
        cases: from ``asked``.
        by: who looks.
        by_score: the highest first, in place of the oldest.
        after: from the page before.
        listed: how many things of a group are named beyond those shown whole.
    """
    rows: Any = cases.order_by()  # with the key that ``asked`` adds
    rows = rows.values("key").annotate(
        count=Count("pk"),
        accounts=Count("member", distinct=True),
        oldest=Min("since"),
        top=Max("score"),
    )
    rows = _begin_after(rows, after, by_score)
    rows = rows.order_by(*(["-top"] if by_score else []), "oldest", "key")
    found = list(rows[: PAGE + 1])
    groups = {
        row["key"]: Group(row["key"], row["count"], row["accounts"], row["oldest"], row["top"])
        for row in found[:PAGE]
    }
    _fill(groups, cases, by, listed)
    shown = [group for group in groups.values() if group.cards]
    for group, following in pairwise(shown):
        group.next = following.pk
    last = found[PAGE - 1] if len(found) > PAGE else None
    after = f"{last['top']}|{last['oldest'].isoformat()}|{last['key']}" if last else ""
    return Page(shown, after)


def _begin_after(rows: models.QuerySet, after: str, by_score: bool) -> models.QuerySet:
    """What comes after the last group of the page before; everything if ``after`` says nothing."""
    try:
        top_text, when, key = after.split("|", 2)
        top, oldest = float(top_text), parse_datetime(when)
    except ValueError:
        return rows
    if oldest is None or oldest.tzinfo is None or not isfinite(top):
        return rows
    later = Q(oldest__gt=oldest) | Q(oldest=oldest, key__gt=key)
    return rows.filter(Q(top__lt=top) | Q(top=top) & later if by_score else later)


def _fill(groups: dict[str, Group], cases: Any, by: Member, listed: int) -> None:
    number = models.Window(RowNumber(), partition_by=F("key"), order_by=[F("since"), F("pk")])
    numbered = cases.filter(key__in=groups).annotate(number=number).filter(number__lte=MOST)
    pks: dict[str, list[int]] = {key: [] for key in groups}
    for key, pk in numbered.order_by("since", "pk").values_list("key", "pk"):
        pks[key].append(pk)
    shown = {pk for some in pks.values() for pk in some[: SHOWN + listed]}
    rows = Case.objects.filter(pk__in=shown)
    rows = rows.select_related("member__vouched_by", "member__application", "content_type")
    found = {case.pk: case for case in rows.prefetch_related(subjects(), "reports__reporter")}
    wrote = _history({case.member_id for case in found.values() if case.member_id})
    held = SiteSettings.load().first_contributions_held
    for_others = _for_others(found.values(), by)
    for key, some in pks.items():
        group, fitting = groups[key], dict[str, Any]()
        for at, case in enumerate(found[pk] for pk in some if pk in found):
            acts = {} if case.pk in for_others else acts_for(case)
            fitting = {**acts, **fitting}
            if at < SHOWN:
                card = _card(case, acts, by, held, wrote.get(case.member_id or 0, {}))
                if case.pk in for_others:
                    card.next = _("Another moderator decides: it is yours, or about your decision.")
                group.cards.append(card)
            else:
                group.more.append((case, text_of(case)[:FIRST_WORDS]))
        group.rest = [pk for pk in some if pk not in found]
        group.acts, group.quick = buttons(fitting), quick_for(fitting)
    alike = {key: [card.case for card in group.cards] for key, group in groups.items()}
    for key, words in ties.of_groups(alike).items():
        groups[key].tie = words


def subjects() -> GenericPrefetch:
    """What cases are about, with all that their cards and the verbs ask for."""
    ours = [model.for_moderation() for model in moderated_models()]
    appeals = Appeal.objects.select_related("decision__by")
    return GenericPrefetch("subject", [*ours, Member.objects.all(), appeals])


def _for_others(cases: Iterable[Case], by: Member) -> set[int]:
    """Those that somebody else decides: nobody judges their own, nor an appeal against themselves."""
    cases = [case for case in cases if case.kind != Case.Kind.ISSUE]
    own = {case.pk for case in cases if case.member_id == by.pk}
    appeals = {case.pk: case.subject for case in cases if isinstance(case.subject, Appeal)}
    against = {pk: made for pk, made in appeals.items() if made.decision.by_id == by.pk}
    deciders = set(appealing.deciders().values_list("pk", flat=True)) if against else set()
    return own | {pk for pk, made in against.items() if deciders - {by.pk, made.member_id}}


def _history(people: Iterable[int]) -> dict[int, dict[str, int]]:
    """How many things of each of them wait or were taken down, by state; what is out is not counted."""
    found: dict[int, dict[str, int]] = {}
    states = [State.HELD, State.REMOVED, State.SPAM]
    for model in moderated_models():
        rows: Any = model._default_manager
        rows = rows.filter(author__in=people, state__in=states).order_by()
        for author, state, count in rows.values_list("author", "state").annotate(Count("pk")):
            counts = found.setdefault(author, {})
            counts[state] = counts.get(state, 0) + count
    return found


def buttons(fitting: Acts) -> list[tuple[str, Any, str, bool]]:
    """The buttons for acts: value, words, the letter that presses it, whether it needs words.

    The value is the name of a key where one means the act, so that it fits all of a mixed group.
    """
    found: list[tuple[str, Any, str, bool]] = []
    done = set()
    for key in KEYS:
        name = meant(key, fitting)
        if name and name not in done:
            done.add(name)
            words = _("Robot") if name == "robot" else fitting[name]
            needs = any(each in NEEDS_WORDS and each in fitting for each in KEYS[key])
            found.append((key, words, key[0], needs))
    if "ask" in fitting:
        found.append(("ask", fitting["ask"], "", True))
    return found


def text_of(case: Case) -> str:
    """What waits, in words."""
    subject = case.subject
    if isinstance(subject, Moderated):
        return subject.moderated_text
    if isinstance(subject, Appeal):
        return subject.text
    if case.kind == Case.Kind.SIGNUP and case.member:
        application = getattr(case.member, "application", None)
        return application.why if application else ""
    if isinstance(subject, Member):
        return profile_holding.in_question(subject)
    return "\n\n".join(report.text for report in case.reports.all() if report.text)


def _card(case: Case, acts: Acts, by: Member, held: int, wrote: dict[str, int]) -> Card:
    subject, member = case.subject, case.member
    card = Card(case, text_of(case), context_of(case), words_for(case), _next(case, acts))
    if member:
        card.level = str(trust.level(member, held).label)
        approved = member.approved_count
        card.history = [(_("approved"), approved)] if approved else []
        states = [(str(label), state) for state, label in State.choices if state in wrote]
        card.history += [(label, wrote[state]) for label, state in states]
        card.spammer = case.kind != Case.Kind.ISSUE and may_sweep(member, by)
        if case.kind == Case.Kind.SIGNUP or (isinstance(subject, Moderated) and member.is_pending):
            card.domain = scoring.domain_of(member)
    return card


def context_of(case: Case) -> list[tuple[str, str]]:
    """What the thing stands under and answers: words, and an address where there is one."""
    subject = case.subject
    if isinstance(subject, Moderated):
        return list(subject.moderation_context)
    if isinstance(subject, Appeal):
        decision = subject.decision
        said = [decision.get_action_display(), str(decision.by or ""), decision.reason]
        return [(" · ".join(filter(None, said)), ""), (decision.text[:300], "")]
    if isinstance(subject, Member) and case.kind == Case.Kind.PROFILE:
        return profile_holding.context_of(subject)
    application = getattr(case.member, "application", None) if case.member else None
    if case.kind == Case.Kind.SIGNUP and application and application.answered_at:
        return [(application.question, ""), (f"↩ {application.answer}", "")]
    return [(report.url, "") for report in case.reports.all() if report.url][:1]


def _next(case: Case, acts: Acts) -> str:
    """What will happen, in a sentence or two."""
    subject, member = case.subject, case.member
    if isinstance(subject, Moderated):
        return _next_of_contribution(case, subject, acts)
    match case.kind:
        case Case.Kind.SIGNUP:
            return _("They may write meanwhile; all of it waits here.")
        case Case.Kind.ISSUE:
            return _("An answer goes to whoever left an address.")
        case Case.Kind.APPEAL:
            return _("Granting it takes the decision back.")
        case Case.Kind.PROFILE if member and member.profile_held:
            return _("Others do not see this text until you decide.")
    return ""


def _next_of_contribution(case: Case, subject: Moderated, acts: Acts) -> str:
    member = case.member
    if not acts:
        return _("An editor decides about the change; until then the post stays as it is.")
    if subject.state == State.VISIBLE:
        return _("Everybody sees it until you decide.")
    if subject.state != State.HELD:
        return _("It is taken down already.")
    if case.kind == Case.Kind.SUBMISSION:
        return _(
            "Nobody else sees it. An editor publishes it or returns it; you can take it down at once."
        )
    if member and member.is_pending:
        return _("Nobody else sees it. Approving it also admits %(name)s as a member.") % {
            "name": member
        }
    return _("Nobody else sees it until you decide.")
