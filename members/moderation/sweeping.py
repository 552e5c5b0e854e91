"""Cleaning up in one go: after a spammer, or after accounts made since some hour; and undoing it.

One decision stands for all of it. Accounts are closed at once; what they wrote is taken down by a job,
in batches, and each thing is remembered as it was. Nothing is deleted: undoing brings every row back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from caisu.core.jobs import job
from members import sessions
from members.models import Invitation, Member

from . import blocking, emails, outcomes
from .filtering import lessons
from .models import BlockRule, Case, Decision, Moderated, State, Sweep, Swept

Action = Decision.Action
BATCH = 100
# A moderator waits for it, in front of what ten thousand other jobs may go on about.
PRIORITY = 50
# So much of what was swept stands in the log.
SHOWN = 20
MOST_MEMBERS = 500


def moderated_models() -> list[type[Moderated]]:
    """The concrete models of what members contribute."""
    return [model for model in apps.get_models() if issubclass(model, Moderated)]


def counts(members: Iterable[Member]) -> list[tuple[str, int]]:
    """Of each kind, in words, how many things these members wrote that are not taken down yet."""
    members = list(members)
    found = []
    for model in moderated_models():
        number = _standing(model, members).count()
        if number:
            found.append((str(model._meta.verbose_name_plural), number))
    return found


def swept(sweep: Sweep) -> list[tuple[str, int]]:
    """Of each kind, in words, how many things a clean-up took down and has not brought back."""
    rows = sweep.items.order_by().values_list("content_type").annotate(models.Count("pk"))
    kinds = ContentType.objects.get_for_models(*moderated_models())
    names = {kind.pk: str(model._meta.verbose_name_plural) for model, kind in kinds.items()}
    return [(names[kind], count) for kind, count in rows if kind in names]


def _members_of(sweep: Sweep) -> models.QuerySet[Member]:
    return Member.objects.filter(sweeps=sweep)


def _standing(model: type[Moderated], members: Iterable[Member]) -> models.QuerySet:
    rows: Any = model._default_manager
    rows = rows.filter(author__in=[member.pk for member in members])
    return rows.exclude(state=State.SPAM).order_by("pk")


def may_sweep(member: Member, by: Member) -> bool:
    """Nobody sweeps those whom they may not sanction, nor who is gone."""
    return member.may_be_sanctioned_by(by) and member.standing != Member.Standing.LEFT


def after_spammer(
    member: Member, by: Member, reason: str = "", blocks: Iterable[BlockRule] = ()
) -> Sweep | None:
    """Bans ``member``, ends their sessions, and has a job take down all they ever wrote.

    Args:
        blocks: unsaved rules, from ``blocking.offered``.

    Returns:
        the clean-up, whose progress can be followed; None if ``by`` may not, or one is under way.
    """
    return _begin(Sweep.Kind.SPAMMER, [member], by, reason, blocks)


def members_since(since: datetime) -> list[Member]:
    """The accounts made since then which no person has approved or vouched for, and no staff."""
    approved = Decision.objects.filter(
        action__in=[Action.ADMIT, Action.APPROVE],
        undone_by=None,
        case__member=models.OuterRef("pk"),
    )
    rows = Member.objects.filter(date_joined__gte=since, is_staff=False, vouched_by=None)
    rows = rows.exclude(standing__in=[Member.Standing.BANNED, Member.Standing.LEFT])
    return list(rows.filter(~models.Exists(approved)).order_by("pk")[:MOST_MEMBERS])


def left_out_since(since: datetime) -> int:
    """How many other accounts were made since then."""
    return Member.objects.filter(date_joined__gte=since).count() - len(members_since(since))


def after_new_accounts(
    since: datetime, by: Member, reason: str = "", blocks: Iterable[BlockRule] = ()
) -> Sweep | None:
    """The same for all of ``members_since``, as one decision."""
    members = [member for member in members_since(since) if may_sweep(member, by)]
    return _begin(Sweep.Kind.SINCE, members, by, reason, blocks, since) if members else None


@transaction.atomic
def _begin(
    kind: str,
    members: list[Member],
    by: Member,
    reason: str,
    blocks: Iterable[BlockRule],
    since: datetime | None = None,
) -> Sweep | None:
    locked = {
        row.pk: row
        for row in Member.objects.select_for_update().filter(pk__in=[m.pk for m in members])
    }
    if not all(may_sweep(member, by) for member in locked.values()):
        return None
    # Under way, or done with them: there is nothing left to clean up.
    busy = Q(finished_at=None) | Q(undo_begun_at__isnull=False)
    busy |= Q(members__standing=Member.Standing.BANNED)
    if Sweep.objects.filter(busy, members__in=locked, undone_at=None).exists():
        return None
    sweep = Sweep.objects.create(
        kind=kind, by=by, reason=reason, since=since, total=sum(n for _kind, n in counts(members))
    )
    sweep.members.set(members)
    one = members[0] if kind == Sweep.Kind.SPAMMER else None
    case = Case.objects.create(
        kind=Case.Kind.MEMBER, subject=one, member=one, closed_at=timezone.now()
    )
    before = {str(member.pk): _close_account(member, sweep) for member in locked.values()}
    Decision.objects.create(
        case=case,
        action=Action.SPAMMER if one else Action.SINCE,
        by=by,
        reason=reason,
        text="\n\n".join(text[:200] for text in _texts(members, SHOWN)),
        before={"members": before},
        sweep=sweep,
    )
    for rule in blocks:
        rule.by, rule.sweep = by, sweep
        rule.note = rule.note or str(sweep)
        BlockRule.objects.filter(
            kind=rule.kind, value=rule.value, expires_at__lte=timezone.now()
        ).delete()
        if not BlockRule.objects.filter(kind=rule.kind, value=rule.value).exists():
            rule.save()
    blocking.forget()
    take_down.enqueue(sweep.pk)
    return sweep


def _close_account(member: Member, sweep: Sweep) -> dict[str, Any]:
    """Bans a member and ends what is theirs; returns how it was."""
    now = timezone.now()
    before: dict[str, Any] = {
        "standing": member.standing,
        "suspended_until": member.suspended_until.isoformat() if member.suspended_until else None,
        "cases": _close_cases(Q(member=member)),
    }
    open_ = Invitation.objects.filter(invited_by=member, used_at=None, revoked_at=None)
    before["invitations"] = list(open_.values_list("pk", flat=True))
    open_.update(revoked_at=now)
    member.stand(Member.Standing.BANNED)
    sessions.end_all(member)
    return before


def _close_cases(condition: Q) -> list[int]:
    cases = Case.objects.open().filter(condition)
    closed = list(cases.values_list("pk", flat=True))
    if closed:
        Case.objects.filter(pk__in=closed).update(closed_at=timezone.now())
        outcomes.tell(closed, upheld=True)
    return closed


def _texts(members: Iterable[Member], most: int) -> Iterator[str]:
    for model in moderated_models():
        for thing in _standing(model, members)[:most]:
            yield thing.moderated_text


@job(retries=20, priority=PRIORITY)
def take_down(sweep_id: int) -> None:
    """Takes down what is still there, a batch at a time; runs on where it was stopped."""
    sweep = Sweep.objects.get(pk=sweep_id)
    members = list(_members_of(sweep))
    for model in moderated_models():
        while _take_down_some(sweep, model, members):
            pass
    with transaction.atomic():
        sweep = Sweep.objects.select_for_update().get(pk=sweep_id)
        if sweep.finished_at or sweep.undo_begun_at:
            return
        lessons.taught_by_sweep(sweep.decision, _swept_texts(sweep.items.all()))
        sweep.finished_at = timezone.now()
        sweep.total = sweep.done
        sweep.save(update_fields=["finished_at", "total"])


@transaction.atomic
def _take_down_some(sweep: Sweep, model: type[Moderated], members: list[Member]) -> bool:
    if Sweep.objects.select_for_update().get(pk=sweep.pk).undo_begun_at:
        return False
    things = list(_standing(model, members).select_for_update(of=("self",))[:BATCH])
    kind = ContentType.objects.get_for_model(model)
    rows = []
    for thing in things:
        before = {name: getattr(thing, name) for name in ("state", *model.KEPT)}
        about = Q(content_type=kind, object_id=thing.pk)
        rows.append(
            Swept(
                sweep=sweep,
                content_type=kind,
                object_id=thing.pk,
                before={"fields": before, "cases": _close_cases(about)},
            )
        )
        thing.hide(State.SPAM)
    Swept.objects.bulk_create(rows, ignore_conflicts=True)
    Sweep.objects.filter(pk=sweep.pk).update(done=F("done") + len(things))
    return bool(things)


def _swept_texts(swept: models.QuerySet[Swept]) -> Iterator[str]:
    some = swept.order_by("pk")[: 10 * lessons.MOST_OF_A_SWEEP]
    for item in some.prefetch_related("thing"):
        if item.thing is not None:
            yield item.thing.moderated_text


def can_undo(sweep: Sweep, by: Member) -> bool:
    """Whether it is finished, nothing of it was purged, and ``by`` may judge those concerned.

    Of two clean-ups after the same member the later is undone first.
    """
    if not sweep.finished_at or sweep.undo_begun_at or sweep.decision.purged_at:
        return False
    later = Sweep.objects.filter(pk__gt=sweep.pk, undone_at=None)
    if later.filter(members__in=_members_of(sweep)).exists():
        return False
    return by.is_superuser or not sweep.members.filter(is_staff=True).exists()


@transaction.atomic
def undo(sweep: Sweep, by: Member, *, quietly: bool = False) -> bool:
    """Gives the accounts back at once, and has a job bring back what they wrote, as it was.

    Args:
        quietly: those concerned hear of it otherwise.
    """
    sweep = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if not can_undo(sweep, by):
        return False
    sweep.undo_begun_at, sweep.done = timezone.now(), 0
    sweep.save(update_fields=["undo_begun_at", "done"])
    lessons.untaught_by(sweep.decision)
    sweep.blocks.all().delete()
    blocking.forget()
    before = sweep.decision.before["members"]
    for member in _members_of(sweep).select_for_update():
        _open_account(member, before[str(member.pk)], quietly)
    bring_back.enqueue(sweep.pk)
    return True


@transaction.atomic
def spare(sweep: Sweep, member: Member, by: Member) -> bool:
    """Takes one member out of a clean-up: the account at once, what they wrote by a job. They hear of
    it otherwise; all else stays as it is."""
    sweep = Sweep.objects.select_for_update().get(pk=sweep.pk)
    if not can_undo(sweep, by) or not _members_of(sweep).filter(pk=member.pk).exists():
        return False
    sweep.members.remove(member)
    locked = Member.objects.select_for_update().get(pk=member.pk)
    _open_account(locked, sweep.decision.before["members"][str(member.pk)], quietly=True)
    bring_back_of.enqueue(sweep.pk, member.pk)
    return True


def _open_account(member: Member, before: dict[str, Any], quietly: bool) -> None:
    if member.standing != Member.Standing.BANNED:
        return  # somebody decided about them since, or they left
    until = before["suspended_until"]
    member.stand(before["standing"], datetime.fromisoformat(until) if until else None)
    Invitation.objects.filter(pk__in=before["invitations"]).update(revoked_at=None)
    _open_cases(before["cases"])
    if not quietly:
        emails.account_opened(member, "")


def _open_cases(pks: list[int]) -> None:
    for case in Case.objects.filter(pk__in=pks):
        others = Case.objects.open().filter(
            content_type=case.content_type, object_id=case.object_id
        )
        if case.object_id is None or not others.exists():
            Case.objects.filter(pk=case.pk).update(closed_at=None)
    outcomes.withdraw(*pks)


@job(retries=20, priority=PRIORITY)
def bring_back(sweep_id: int) -> None:
    """Brings back what a clean-up took down, a batch at a time."""
    sweep = Sweep.objects.get(pk=sweep_id)
    while _bring_back_some(sweep):
        pass
    Sweep.objects.filter(pk=sweep_id, undone_at=None).update(undone_at=timezone.now())


@job(retries=20, priority=PRIORITY)
def bring_back_of(sweep_id: int, member_id: int) -> None:
    """Brings back what one member wrote; what they said is learned as spam no more."""
    sweep = Sweep.objects.get(pk=sweep_id)
    own = Q(pk__in=[])
    for model in moderated_models():
        rows: Any = model._default_manager
        kind = ContentType.objects.get_for_model(model)
        own |= Q(content_type=kind, object_id__in=rows.filter(author=member_id).values("pk"))
    lessons.untaught_texts(sweep.decision, _swept_texts(sweep.items.filter(own)))
    while _bring_back_some(sweep, own):
        pass


@transaction.atomic
def _bring_back_some(sweep: Sweep, own: Q | None = None) -> bool:
    """A batch of all that was swept, or of what is a member's own, which is no part of it any more."""
    swept = sweep.items.filter(own) if own else sweep.items.all()
    items = list(
        swept.select_for_update(of=("self",)).order_by("pk").prefetch_related("thing")[:BATCH]
    )
    for item in items:
        thing: Any = item.thing
        # What somebody decided about, one by one, since then stands.
        if thing is not None and thing.state == State.SPAM:
            fields = item.before["fields"]
            thing.change_state(fields["state"])
            type(thing)._default_manager.filter(pk=thing.pk).update(**fields)
        _open_cases(item.before["cases"])
    Swept.objects.filter(pk__in=[item.pk for item in items]).delete()
    count, row = len(items), Sweep.objects.filter(pk=sweep.pk)
    if own:
        row.filter(undo_begun_at=None).update(total=F("total") - count, done=F("done") - count)
    else:
        row.update(done=F("done") + count)
    return bool(items)
