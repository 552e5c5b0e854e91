from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Whether a contribution is seen."""

    VISIBLE = "visible", pgettext_lazy("state", "Visible")
    HELD = "held", pgettext_lazy("state", "Awaiting review")
    REMOVED = "removed", pgettext_lazy("state", "Removed")
    SPAM = "spam", pgettext_lazy("state", "Spam")


class Moderated(models.Model):
    """A contribution that moderators may hide and restore.

    A concrete model has an ``author``, ``created_at``, ``get_absolute_url``, ``moderated_text``,
    ``worded`` and ``empty``, and overrides ``state_changed`` where it keeps counts or notifies.
    """

    author: Any
    author_id: int
    get_absolute_url: Callable[[], str]

    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.VISIBLE, editable=False
    )

    # Fields that ``state_changed`` may change: a decision keeps them, to be undone exactly.
    KEPT: tuple[str, ...] = ()

    class Meta:
        abstract = True

    @classmethod
    def for_moderation(cls):
        """What the queue shows, with all that its cards ask for."""
        return cls._default_manager.select_related("author")

    @property
    def moderation_context(self):
        """What it stands under and answers, for the queue: pairs of text and address, or none."""
        return []

    @property
    def titles(self):
        """What it goes by in both languages, as notifications keep it; nothing if it has no title."""
        return {}

    def get_permalink(self):
        """The address that leads to it wherever it stands; ``get_absolute_url`` unless that moves."""
        return self.get_absolute_url()

    @property
    def topic(self):
        """What it is part of, as notifications name it: whoever looks there has seen what they say."""
        return ""

    @property
    def moderated_text(self):
        """What a moderator reads and what a decision keeps: plain text."""
        raise NotImplementedError(f"{type(self).__name__} has no moderated_text")

    @classmethod
    def worded(cls):
        """Those that were not emptied."""
        raise NotImplementedError(f"{cls.__name__} has no worded")

    @classmethod
    def empty(cls, things):
        """Throws away what ``things``, a queryset, say, for good. Each keeps its place, and is not seen."""
        raise NotImplementedError(f"{cls.__name__} has no empty")

    def change_state(self, new):
        """Sets the state; returns whether that changed anything."""
        old = self.state
        if old == new:
            return False
        self.state = new
        self.save(update_fields=["state"])
        self.state_changed(old, new)
        return True

    def hide(self, state=State.REMOVED):
        return self.change_state(state)

    def restore(self):
        return self.change_state(State.VISIBLE)

    def state_changed(self, old, new):
        """Called after each change, in its transaction."""
