import inspect

from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max


def last_line(text):
    """The line of a traceback that says what happened."""
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""


class Worker(models.Model):
    """A worker process that is at work, or was until lately."""

    id = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(_("last sign of life"))

    class Meta:
        app_label = "core"
        default_permissions = ()
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self):
        return self.id


class PeriodicJob(models.Model):
    """When a periodic job ran, and when it runs next. What it is stands in the code."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    next_run_at = models.DateTimeField(_("next run"))
    last_started_at = models.DateTimeField(_("last started"), null=True)
    last_finished_at = models.DateTimeField(_("last finished"), null=True)
    last_error = models.TextField(_("last error"), blank=True)
    # The worker that is busy with it, empty when none is.
    running_by = models.CharField(max_length=64, blank=True)

    class Meta:
        app_label = "core"
        default_permissions = ("view", "change")
        ordering = ["name"]
        verbose_name = _("periodic job")
        verbose_name_plural = _("periodic jobs")

    def __str__(self):
        return self.name

    @property
    def error_line(self):
        return last_line(self.last_error)


class BackgroundJob(DBTaskResult):
    """A job in the queue, under the name and in the words of this site."""

    STATUS = {
        TaskResultStatus.READY: pgettext_lazy("background job", "Waiting"),
        TaskResultStatus.RUNNING: pgettext_lazy("background job", "Running"),
        TaskResultStatus.FAILED: pgettext_lazy("background job", "Failed"),
        TaskResultStatus.SUCCESSFUL: pgettext_lazy("background job", "Done"),
    }

    class Meta:
        app_label = "core"
        proxy = True
        default_permissions = ("view", "change")
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")

    def __str__(self):
        return f"{self.task_path} {self.pk}"

    @property
    def attempts(self):
        return len(self.worker_ids)

    @property
    def next_run_at(self):
        """When a waiting job is due; None for any other."""
        if self.status != TaskResultStatus.READY:
            return None
        return self.enqueued_at if self.run_after == get_date_max() else self.run_after

    @property
    def identifiers(self):
        """Those arguments that are keys of rows, and nothing else: the rest may be personal."""
        try:
            signature = inspect.signature(import_string(self.task_path).func)
            given = signature.bind(*self.args_kwargs["args"], **self.args_kwargs["kwargs"])
        except (ImportError, AttributeError, TypeError):  # no longer there, or called otherwise
            return ""
        return ", ".join(
            f"{name}={value}"
            for name, value in given.arguments.items()
            if name.rpartition("_")[2] in {"id", "pk"} and type(value) is int
        )

    @property
    def error_line(self):
        return last_line(self.traceback)
