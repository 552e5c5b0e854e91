"""The verbs of publishing as the admin offers them: buttons under the form, acts on the list."""

from uuid import uuid4

from django.contrib import admin, messages
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from news import publishing, reviewing
from news.models import Article

from . import undoing

# Buttons under the form and acts on the list: verb, words, words when done.
VERBS = {
    "publish": (reviewing.publish, _("Publish"), _("published")),
    "archive": (publishing.archive, _("Archive"), _("archived")),
    "withdraw": (publishing.withdraw, _("Withdraw"), _("withdrawn")),
    "back_to_draft": (reviewing.back_to_draft, _("Back to draft"), _("a draft again")),
    "move": (publishing.move, _("Move"), _("in another category")),
}


class ActsAdmin(admin.ModelAdmin):
    """What the list and the form of articles have in common."""

    @admin.display(description=_("status"), ordering="status")
    def shown_status(self, article):
        if article.pk and article.status == Article.Status.PUBLISHED and article.is_scheduled:
            return pgettext_lazy("article", "Scheduled")
        return article.get_status_display()

    def has_publish_permission(self, request):
        return request.user.has_perm("news.publish_article")

    def act(self, request, articles, name, **options):
        """Does a verb to articles as one batch, and says what came of it."""
        verb, _words, done_words = VERBS[name]
        batch = uuid4()
        with transaction.atomic():
            done_to = [
                each for each in articles if verb(each, request.user, batch=batch, **options)
            ]
        if done_to and all(article.is_scheduled for article in done_to):
            done_words = _("scheduled")
        self.tell(request, len(done_to), len(articles) - len(done_to), done_words)
        if done_to:
            undoing.offer(request, batch, len(done_to), str(done_words))

    def tell(self, request, done, left, done_words):
        if done:
            messages.success(
                request,
                ngettext(
                    "%(count)d article is now %(what)s.",
                    "%(count)d articles are now %(what)s.",
                    done,
                )
                % {"count": done, "what": done_words},
            )
        if left:
            messages.warning(
                request,
                ngettext(
                    "%(count)d article was left as it is.",
                    "%(count)d articles were left as they are.",
                    left,
                )
                % {"count": left},
            )
