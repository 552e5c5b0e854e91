"""What can be found, and how its rows are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.utils.text import capfirst

from caisu.core.jobs import job

from .models import Entry
from .text import AUTHOR_MARK, KIND_MARK, TAG_MARK, category_term, document


@dataclass(frozen=True, kw_only=True)
class Item:
    """What an Index says of a thing in one language.

    Args:
        language: code of the text's language, empty where it has none, such as a name.
        title: plain text; a hit in it counts more.
        text: plain text, see ``from_html``; or what makes it, where that takes time: it is not asked
            for when only who may read the thing is.
        keys: how the title sounds, as people type it, where its pinyin and initials are not enough.
        published_at: by which newer things come first.
        audience: who may read it. STAFF is never shown on a public page.
        category: slug.
        author_id: the author's primary key.
    """

    language: str
    title: str
    text: str | Callable[[], str] = ""
    keys: str = ""
    published_at: datetime
    audience: str = Entry.Audience.EVERYONE
    category: str = ""
    author_id: int | None = None

    def read(self) -> str:
        """The text."""
        return self.text() if callable(self.text) else self.text


class Index:
    """How things of one model are found. Each app declares its own.

    ``kind`` is the short name in the table and in addresses; never change it without a migration.
    """

    kind: str

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    @property
    def label(self) -> str:
        """What readers call one of them, beside each result."""
        return str(capfirst(self.model._meta.verbose_name))

    def queryset(self) -> models.QuerySet:
        """All things of this kind, with whatever ``entries`` and ``url`` read of related rows."""
        return self.model._default_manager.all()

    def entries(self, obj: Any) -> Iterable[Item]:
        """One item for each language; none for a thing that nobody may find.

        It decides who finds a thing, and is asked again before a hit is shown.
        """
        raise NotImplementedError

    def tags(self, obj: Any) -> Iterable[int]:
        """Primary keys of the tags that it carries; only asked for together with its text."""
        return ()

    def url(self, obj: Any) -> str:
        """Address of the thing in the active language."""
        return obj.get_absolute_url()


_by_kind: dict[str, Index] = {}
_by_model: dict[type[models.Model], Index] = {}


def register(model: type[models.Model], index_class: type[Index]) -> None:
    """Makes things of a model findable; called in ``AppConfig.ready()``.

    Raises:
        ImproperlyConfigured: when the model or the kind is taken.
    """
    index = index_class(model)
    if index.kind in _by_kind or model in _by_model:
        raise ImproperlyConfigured(f"{model.__name__} or “{index.kind}” is registered already")
    _by_kind[index.kind] = _by_model[model] = index
    # However a thing goes, its rows go with it.
    models.signals.post_delete.connect(_deleted, sender=model, dispatch_uid=f"forget {index.kind}")


def unregister(model: type[models.Model]) -> None:
    """Takes a model out again; for tests."""
    index = _by_model.pop(model)
    del _by_kind[index.kind]
    models.signals.post_delete.disconnect(sender=model, dispatch_uid=f"forget {index.kind}")


def _deleted(instance: models.Model, **kwargs: Any) -> None:
    forget(instance)


def indexes() -> list[Index]:
    """All declarations, in the order of registration."""
    return list(_by_kind.values())


def index_of_kind(kind: str) -> Index | None:
    """The declaration of a kind, or None when its app is gone."""
    return _by_kind.get(kind)


def _index_of(obj: models.Model) -> Index:
    return _by_model[obj._meta.concrete_model or type(obj)]


def refresh(*things: models.Model) -> None:
    """Notes who may find the things (of one model) now, and has their text read again by a job.

    Call it in the transaction that changed the things: a removed one cannot be found from the
    moment it is removed. Until the job ran, a new thing is not found, and a changed one by its
    old words.

    Raises:
        KeyError: when the model is not registered.
    """
    if not things:
        return
    index = _index_of(things[0])
    with transaction.atomic():
        write(index, things, with_text=False)
        fill.enqueue(index.kind, [thing.pk for thing in things])


def forget(thing: models.Model) -> None:
    """Deletes the rows of a thing, before or after the thing itself.

    Raises:
        KeyError: when the model is not registered.
    """
    Entry.objects.filter(kind=_index_of(thing).kind, object_id=thing.pk).delete()


@job(queue="default")
def fill(kind: str, ids: list[int]) -> None:
    """Reads the text of some things of a kind into their rows."""
    if index := index_of_kind(kind):
        fill_now(index, ids)


def fill_now(index: Index, ids: Iterable[int]) -> int:
    """Brings all rows of some things up to date, text included.

    The things are locked meanwhile, as a verb that changes one holds its lock too: so neither
    writes what the other has outdated.

    Returns:
        Number of rows that changed.
    """
    ids = list(ids)
    with transaction.atomic():
        things = list(index.queryset().filter(pk__in=ids).select_for_update(of=("self",)))
        gone = set(ids) - {thing.pk for thing in things}
        deleted, _each = Entry.objects.filter(kind=index.kind, object_id__in=gone).delete()
        return deleted + write(index, things, with_text=True)


def check_now(index: Index, ids: Iterable[int]) -> int:
    """How many rows of some things are not what their declaration says, the whole text compared."""
    ids = list(ids)
    things = list(index.queryset().filter(pk__in=ids))
    gone = set(ids) - {thing.pk for thing in things}
    left_behind = Entry.objects.filter(kind=index.kind, object_id__in=gone).count()
    changed, left = _drift(index, things, with_text=True)
    return len(changed) + len(left) + left_behind


CHANGING = ("audience", "category", "author_id", "published_at")


def _fields(with_text: bool) -> tuple[str, ...]:
    return (*CHANGING, "document") if with_text else CHANGING


def _drift(index: Index, things: list[Any], with_text: bool) -> tuple[list[Entry], list[Entry]]:
    """Rows of things that are missing or say something else, and those that should not be there."""
    known = Entry.objects.filter(kind=index.kind, object_id__in=[thing.pk for thing in things])
    fields = _fields(with_text)
    left = {
        (row.object_id, row.language): row for row in known.only("object_id", "language", *fields)
    }
    changed = []
    for row in _rows(index, things, with_text):
        old = left.pop((row.object_id, row.language), None)
        if old is None or any(getattr(old, name) != getattr(row, name) for name in fields):
            changed.append(row)
    return changed, list(left.values())


def write(index: Index, things: Iterable[models.Model], *, with_text: bool) -> int:
    """Makes the rows of things say what the declaration says; returns how many changed."""
    changed, left = _drift(index, list(things), with_text)
    Entry.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["kind", "object_id", "language"],
        update_fields=_fields(with_text),
        batch_size=100,
    )
    if left:
        Entry.objects.filter(pk__in=[row.pk for row in left]).delete()
    return len(changed) + len(left)


def _rows(index: Index, things: Iterable[models.Model], with_text: bool) -> Iterator[Entry]:
    for thing in things:
        for item in index.entries(thing):
            yield Entry(
                kind=index.kind,
                object_id=thing.pk,
                language=item.language,
                audience=item.audience,
                category=item.category,
                author_id=item.author_id,
                published_at=item.published_at,
                document=_document(index, thing, item) if with_text else "",
            )


def _document(index: Index, thing: models.Model, item: Item) -> str:
    about = [f"{KIND_MARK}{index.kind}", *(f"{TAG_MARK}{tag}" for tag in index.tags(thing))]
    if item.category:
        about.append(category_term(item.category))
    if item.author_id:
        about.append(f"{AUTHOR_MARK}{item.author_id}")
    return document(item.title, item.read(), item.keys.split(), about)
