from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

# By way of their admin, so that it has registered itself before ours takes its place.
from django_tasks_db.admin import DBTaskResult

from .health import is_alive
from .models import BackgroundJob, PeriodicJob
from .running import try_again

admin.site.unregister(DBTaskResult)


class WatchedAdmin(admin.ModelAdmin):
    """Rows that code writes: to be looked at, and to be set going again."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_start_permission(self, request):
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def changelist_view(self, request, extra_context=None):
        if request.method == "GET" and not is_alive():
            text = _("No worker is running: nothing in this list happens until one is started.")
            messages.warning(request, text)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("last error"))
    def error_line(self, row):
        return row.error_line


class StatusFilter(admin.SimpleListFilter):
    title = pgettext_lazy("background job", "state")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return list(BackgroundJob.STATUS.items())

    def queryset(self, request, queryset):
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(BackgroundJob)
class BackgroundJobAdmin(WatchedAdmin):
    list_display = ["job", "ids", "state", "attempts", "next_run", "queued", "error_line"]
    list_filter = [StatusFilter]
    search_fields = ["task_path"]
    ordering = ["-enqueued_at"]
    actions = ["start_again"]
    # The arguments and the return value stay away: there may be personal data in them.
    fields = [
        "job",
        "ids",
        "state",
        "attempts",
        "next_run",
        "queue",
        "queued",
        "started",
        "finished",
        "full_error",
    ]

    @admin.display(description=_("job"), ordering="task_path")
    def job(self, row):
        return row.task_path

    @admin.display(description=_("identifiers"))
    def ids(self, row):
        return row.identifiers

    @admin.display(description=pgettext_lazy("background job", "state"), ordering="status")
    def state(self, row):
        return row.STATUS[row.status]

    @admin.display(description=_("attempts"))
    def attempts(self, row):
        return row.attempts

    @admin.display(description=_("next run"), ordering="run_after")
    def next_run(self, row):
        return row.next_run_at

    @admin.display(description=_("queue"))
    def queue(self, row):
        return row.queue_name

    @admin.display(description=_("put in the queue"), ordering="enqueued_at")
    def queued(self, row):
        return row.enqueued_at

    @admin.display(description=_("last started"))
    def started(self, row):
        return row.started_at

    @admin.display(description=_("last finished"))
    def finished(self, row):
        return row.finished_at

    @admin.display(description=_("last error"))
    def full_error(self, row):
        return format_html("<pre>{}</pre>", row.traceback) if row.traceback else ""

    @admin.action(description=_("Try again"), permissions=["start"])
    def start_again(self, request, queryset):
        count = try_again(queryset)
        if not count:
            self.message_user(request, _("None of these has failed."), messages.WARNING)
            return
        text = ngettext("%d job will be tried again.", "%d jobs will be tried again.", count)
        self.message_user(request, text % count, messages.SUCCESS)


@admin.register(PeriodicJob)
class PeriodicJobAdmin(WatchedAdmin):
    list_display = ["name", "last_started_at", "last_finished_at", "next_run_at", "error_line"]
    actions = ["run_now"]
    fields = [
        "name",
        "last_started_at",
        "last_finished_at",
        "next_run_at",
        "full_error",
    ]

    @admin.display(description=_("last error"))
    def full_error(self, row):
        return format_html("<pre>{}</pre>", row.last_error) if row.last_error else ""

    @admin.action(description=_("Run now"), permissions=["start"])
    def run_now(self, request, queryset):
        count = queryset.update(next_run_at=timezone.now())
        text = ngettext("%d job will run now.", "%d jobs will run now.", count)
        self.message_user(request, text % count, messages.SUCCESS)
