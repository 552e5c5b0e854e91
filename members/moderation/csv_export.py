"""A list of the desk as a CSV file, for the webmaster, who has just proved who they are."""

import csv
import logging

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import pgettext

from caisu.core.throttling import Limit
from members import reauthentication

logger = logging.getLogger("caisu.members")

EXPORTS = Limit("csv-export", times=10, seconds=3600)
# What a spreadsheet takes for the beginning of a formula, in both widths.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def neutral(value):
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


class Echo:
    """What csv writes to, to be streamed."""

    def write(self, line):
        return line


def lines(columns, queryset):
    """The file line by line; the mark at its beginning tells Excel that it is UTF-8.

    Args:
        columns: pairs of a title and a function that makes a cell of a row.
    """
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + writer.writerow([str(title) for title, _value in columns])
    for row in queryset.iterator(chunk_size=500):
        yield writer.writerow([neutral(value(row)) for _title, value in columns])


class CsvExport(admin.ModelAdmin):
    """The part of an admin that hands out a file. It has an address for ``export``."""

    # Title of each column, and what stands in it. Nothing else leaves the house.
    columns = []
    # Title of the page, and what the log calls the file.
    export_title = ""
    export_log = ""
    export_template = ""

    def has_lead_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def chosen(self, request):
        """What goes into the file: all that the filters of the list leave."""
        return self.get_changelist_instance(request).get_queryset(request).order_by("pk")

    def export(self, request):
        """Says what the file holds; POST makes it."""
        if not self.has_lead_permission(request):
            raise PermissionDenied
        if not reauthentication.is_recent(request):
            # Only the page can be suspended; a file would come where a page is expected.
            request.method = "GET"
            return reauthentication.ask(request)
        queryset = self.chosen(request)
        if request.method == "POST":
            EXPORTS.hit(request.user.pk)
            return self.file(request, queryset)
        context = {
            **self.admin_site.each_context(request),
            "title": self.export_title,
            "count": queryset.count(),
            "columns": [title for title, _value in self.columns],
            "opts": self.model._meta,
        }
        return TemplateResponse(request, self.export_template, context)

    def file(self, request, queryset):
        count = queryset.count()
        LogEntry.objects.create(
            user=request.user,
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=self.export_log,
            action_flag=CHANGE,
            change_message=pgettext("log of the admin", "%(count)d rows") % {"count": count},
        )
        logger.info(
            "member %s exported %s rows of %s", request.user.pk, count, self.model._meta.label
        )
        file = lines(self.columns, queryset)
        response = StreamingHttpResponse(file, content_type="text/csv; charset=utf-8")
        name = f"{self.model._meta.model_name}s-{timezone.localdate().isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
