"""The one door for everything that others are to see: looked at, held or let through."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from django.db import models, transaction

from caisu.core import markup
from caisu.core.models import SiteSettings
from members import trust
from members.models import Member
from members.trust import Trust

from .. import blocking, storms
from ..models import Case, HouseRules
from ..opening import open_case
from . import classifier, rules, traits
from .contribution import Contribution, Verdict
from .folding import LOOKED_AT

logger = logging.getLogger(__name__)

# What the classifier adds to the score at most, beside the weights of rules.
CLASSIFIER_WEIGHT = 5
BLOCKED_WEIGHT = 6
# Reasons that lie in an author's record, not in what they say.
OF_AUTHORS = {"pending", "first", "links", "storm"}


def check(contribution: Contribution) -> Verdict:
    """Looks at a contribution before it is saved; never raises: where looking fails, it holds.

    Of a newcomer everything waits, and the score only sorts. Of a member waits what breaks a strong
    rule or reads like spam; of a trusted member, what does both. What the block list names waits,
    whoever writes it; staff wait for nothing.
    """
    author = contribution.author
    if author is not None and author.is_staff:
        return Verdict(False)
    try:
        with transaction.atomic():  # what fails in here must not spoil the caller's transaction
            return _look(contribution)
    except Exception as error:
        _log(error, "looking at a contribution failed; it is held")
        return Verdict(True, 0, ["unchecked"])


def _log(error: Exception, what: str) -> None:
    """Says where something failed, but not with what: messages of errors may quote a text."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, where)


def _look(contribution: Contribution) -> Verdict:
    author = contribution.author
    seen = rules.Seen(contribution)
    keys = traits.of(contribution, seen.folded)
    seen = replace(seen, alike=traits.alike(contribution, keys))
    broken = rules.broken(seen, HouseRules.load().rules_off)
    judgement = classifier.judge(contribution.text[:LOOKED_AT])
    blocked = blocking.met_by(contribution.text, contribution.address)

    level = trust.level(author) if author else Trust.NEWCOMER
    reasons = _of_the_author(author)
    links = level != Trust.TRUSTED and bool(markup.links(contribution.text))
    if links:
        # As text they may be seen: they are live only after somebody looked.
        reasons.append("storm" if storms.current() else "links")
    if blocked:
        reasons.append("blocked")
    if judgement.likely:
        reasons.append("classifier")

    match level:
        case Trust.NEWCOMER:
            holds = True
        case Trust.MEMBER:
            strong = any(rule.strong for rule in broken)
            holds = strong or judgement.likely or (links and storms.current() is not None)
        case Trust.TRUSTED:
            holds = judgement.likely and bool(broken)
    reasons += [rule.name for rule in broken]
    score = score_of(broken, judgement) + BLOCKED_WEIGHT * bool(blocked)
    return Verdict(holds or bool(blocked), score, reasons)


def score_of(broken: Iterable[rules.Rule], judgement: classifier.Judgement) -> float:
    """How much speaks against a text: the rules that it breaks, and what the classifier makes of it."""
    weights = sum(rule.weight for rule in broken)
    return round(weights + CLASSIFIER_WEIGHT * judgement.probability, 2)


def _of_the_author(author: Member | None) -> list[str]:
    """Why everything of an author waits, whatever it says."""
    reasons = []
    if author is not None and author.is_pending:
        reasons.append("pending")
    if author is not None and author.approved_count < SiteSettings.load().first_contributions_held:
        reasons.append("first")
    return reasons


def settle(
    subject: models.Model, kind: str, contribution: Contribution, verdict: Verdict
) -> Case | None:
    """Keeps what ``subject`` has in common with others, and opens its case if it waits.

    Called in the transaction that saves ``subject``.

    Args:
        kind: a value of Case.Kind.
    """
    case = None
    if verdict.holds:
        case = open_case(kind, subject, contribution.author, verdict.reasons, verdict.score)
        case.language = language_of(contribution.text)
        case.score = max(case.score, verdict.score)  # an edit may have made it worse
        case.save(update_fields=["language", "score"])
    _remember(subject, contribution, case)
    return case


def settle_reported(subject: models.Model, kind: str, contribution: Contribution) -> Case:
    """Opens the case of what a member reported, or joins it; scored, and among what is like it.

    It was out already, so who wrote it is no reason. Called in a transaction.

    Args:
        kind: a value of Case.Kind.
    """
    verdict = check(contribution)
    reasons = ["reported", *(name for name in verdict.reasons if name not in OF_AUTHORS)]
    verdict = replace(verdict, holds=True, reasons=reasons)
    return cast(Case, settle(subject, kind, contribution, verdict))


def settle_report(contribution: Contribution) -> Case:
    """Opens the case of a visitor's or member's report about the site.

    The report form is a door like others: its texts are scored, and like ones stand together. Nothing
    of it is ever shown, so who wrote it is no reason.
    """
    verdict = check(contribution)
    reasons = [name for name in verdict.reasons if name not in OF_AUTHORS] + ["issue"]
    case = open_case(Case.Kind.ISSUE, None, contribution.author, reasons, verdict.score)
    case.language = language_of(contribution.text)
    case.save(update_fields=["language"])
    _remember(case, contribution, case)
    return case


def _remember(subject: models.Model, contribution: Contribution, case: Case | None) -> None:
    """Keeps the traits, and files the case among those like it.

    Without them nothing is lost and nothing seen too early, so a failure stops nobody.
    """
    try:
        with transaction.atomic():
            keys = traits.of(contribution)
            traits.keep(subject, contribution, keys)
            if case:
                traits.put_in_group(case, keys)
    except Exception as error:
        _log(error, "what a contribution has in common with others is not kept")


def language_of(text: str) -> str:
    """The language of a text by its script; nothing if it has no words."""
    han = markup.is_han(text[:LOOKED_AT])
    return "" if han is None else "zh-hans" if han else "en"
