from django.db import models
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.utils.translation import pgettext_lazy

from . import text


class Entry(models.Model):
    """One findable thing in one language: who may find it, and the words by which.

    What a reader sees of a hit (title, passage, address) is not here: it is read from the thing
    itself, so it is never older than the thing, and never shown to somebody who may not read it.
    Both databases keep their index of ``document`` by themselves, see migration 0002.
    """

    class Audience(models.TextChoices):
        EVERYONE = "everyone", pgettext_lazy("search audience", "Everyone")
        MEMBERS = "members", pgettext_lazy("search audience", "Members")
        STAFF = "staff", pgettext_lazy("search audience", "Staff")

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    # Empty where the text has none, such as a name.
    language = models.CharField(max_length=10, blank=True)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.STAFF)
    category = models.CharField(max_length=60, blank=True)
    # A number, not a key: core knows no authors, and a row goes by the verbs of its thing.
    author_id = models.BigIntegerField(null=True)
    published_at = models.DateTimeField()
    # Empty until the job has filled it; the last column, because it is the widest.
    document = models.TextField(blank=True, default="")

    class Meta:
        app_label = "core"
        verbose_name = pgettext_lazy("search", "findable text")
        verbose_name_plural = pgettext_lazy("search", "findable texts")
        # For words that are so frequent that the newest are met on the way.
        indexes = [models.Index(fields=["published_at", "id"], name="core_entry_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id", "language"], name="core_entry_one_per_language"
            ),
            models.CheckConstraint(
                condition=models.Q(audience__in=["everyone", "members", "staff"]),
                name="core_entry_audience",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.object_id} {self.language}".strip()


@receiver(connection_created, dispatch_uid="core_entry_terms")
def teach_sqlite(connection, **kwargs):
    """Gives each SQLite connection the function that the triggers on core_entry call."""
    if connection.vendor == "sqlite":
        # Some builds forbid functions of the application in triggers unless told otherwise.
        connection.connection.execute("PRAGMA trusted_schema = ON")
        connection.connection.create_function("core_entry_terms", 1, text.terms, deterministic=True)
