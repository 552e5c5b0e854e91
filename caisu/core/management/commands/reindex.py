from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caisu.core.fulltext.models import Entry
from caisu.core.fulltext.registry import Index, check_now, fill_now, indexes


class Command(BaseCommand):
    """Reads the text of everything findable again.

    Small transactions, while the site serves; what is right already is not written. An interrupted
    run says how to go on.
    """

    help = "Bring the search index up to date: after an import, a restore, or when in doubt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kinds", nargs="*", metavar="kind", help="only these; by default all")
        parser.add_argument(
            "--batch", type=int, default=200, metavar="N", help="things in one transaction (200)"
        )

        parser.add_argument(
            "--after", type=int, metavar="ID", help="go on behind this thing, with a single kind"
        )
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if anything is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        known = [index.kind for index in indexes()]
        if unknown := set(options["kinds"]) - set(known):
            raise CommandError(
                f"No such kind: {', '.join(sorted(unknown))}. There are: {', '.join(known)}."
            )
        if options["batch"] < 1:
            raise CommandError("--batch must be at least 1.")
        if options["after"] is not None and len(options["kinds"]) != 1:
            raise CommandError("--after needs a single kind.")
        self.is_check = options["check"]
        changed = 0
        if not options["kinds"] and not self.is_check:
            gone, _each = Entry.objects.exclude(kind__in=known).delete()
            if gone:
                self.stdout.write(f"{gone} rows of kinds that are no more: deleted")
        for index in indexes():
            if not options["kinds"] or index.kind in options["kinds"]:
                changed += self.reindex(index, options["batch"], options["after"])
        if self.is_check and changed:
            raise CommandError(f"{changed} rows are out of date; run: manage.py reindex")

    def reindex(self, index: Index, batch: int, last: int | None) -> int:
        """Goes through the things of a kind by their keys; returns how many rows changed."""
        began = reported = time.monotonic()
        total = index.queryset().count()
        done = changed = 0
        bring = check_now if self.is_check else fill_now
        while ids := self.next_ids(index, last, batch):
            # Rows between the last thing of this batch and that of the one before, whose things
            # may have gone without a word, are looked at too.
            rows = Entry.objects.filter(kind=index.kind, object_id__lte=ids[-1])
            if last is not None:
                rows = rows.filter(object_id__gt=last)
            try:
                changed += bring(index, {*ids, *rows.values_list("object_id", flat=True)})
            except KeyboardInterrupt:
                raise CommandError(
                    f"Interrupted. Go on with: manage.py reindex {index.kind} --after {last or 0}"
                ) from None
            done += len(ids)
            last = ids[-1]
            if time.monotonic() - reported > 2:
                reported = time.monotonic()
                self.stdout.write(
                    f"{index.kind}: {done} of {total}, {done / (reported - began):.0f}/s"
                )
        rest = Entry.objects.filter(kind=index.kind)
        if last is not None:
            rest = rest.filter(object_id__gt=last)
        changed += bring(index, rest.values_list("object_id", flat=True))
        what = "out of date" if self.is_check else "changed"
        self.stdout.write(f"{index.kind}: {done} things, {changed} rows {what}")
        return changed

    @staticmethod
    def next_ids(index: Index, last: int | None, batch: int) -> list[int]:
        things = index.queryset().order_by("pk")
        if last is not None:
            things = things.filter(pk__gt=last)
        return list(things.values_list("pk", flat=True)[:batch])
