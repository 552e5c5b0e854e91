"""How comments are found."""

from django.db import transaction
from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from caisu.core import fulltext, quoting
from caisu.core.fulltext import Index, Item
from caisu.core.fulltext.models import Entry
from caisu.core.jobs import job
from caisu.core.models import Audience, SiteSettings

from .models import Comment

# Comments looked at in one go, after the site has changed who reads them.
BATCH = 500


class CommentIndex(Index):
    """Everybody's own words; what they quote is found where it was said."""

    kind = "comment"

    def queryset(self):
        # Who reads comments is asked with them: a batch would ask the cache for each.
        site = SiteSettings.objects.values("comments_audience")[:1]
        audience = Coalesce(Subquery(site), Value(Audience.EVERYONE))
        comments = Comment.objects.select_related("article__category")
        comments = comments.defer("article__body_zh_hans", "article__body_en")
        return comments.annotate(audience=audience)

    def entries(self, comment):
        if comment.deleted_at is None:
            words = quoting.own_words(comment.body)
            yield Item(
                language=fulltext.language_of(words),
                title="",
                text=words,
                published_at=comment.created_at,
                audience=self.audience(comment),
                category=comment.article.category.slug,
                author_id=comment.author_id,
            )

    def audience(self, comment):
        """The desk alone finds what waits or was removed, and what is said where nobody reads."""
        if not (comment.is_shown and comment.article.is_public):
            return Entry.Audience.STAFF
        if comment.audience == Audience.MEMBERS:
            return Audience.MEMBERS
        return comment.article.audience

    def url(self, comment):
        return reverse("comments:permalink", args=[comment.pk])


def on_article_changed(sender, article, **kwargs):
    """What is said under an article is found by those who may read the article."""
    fulltext.refresh(*CommentIndex(Comment).queryset().filter(article=article))


def on_settings_saved(sender, instance, created, **kwargs):
    """Who reads comments may have changed: nobody finds what they may not read, from now on."""
    if created:
        return
    everybodys = Entry.objects.filter(kind=CommentIndex.kind, audience=Audience.EVERYONE)
    if instance.comments_audience == Audience.MEMBERS:
        everybodys.update(audience=Audience.MEMBERS)
    else:
        open_again.enqueue(0)


@job(queue="default")
def open_again(after):
    """Lets everybody find what is said under articles for everybody: a batch, then the next.

    Args:
        after: primary key of the last comment that was looked at.
    """
    rows = Entry.objects.filter(kind=CommentIndex.kind, audience=Audience.MEMBERS)
    with transaction.atomic():
        if SiteSettings.objects.filter(comments_audience=Audience.MEMBERS).exists():
            return
        keys = list(
            rows.filter(object_id__gt=after)
            .order_by("object_id")
            .values_list("object_id", flat=True)[:BATCH]
        )
        everybodys = Comment.objects.filter(pk__in=keys, article__audience=Audience.EVERYONE)
        opened = list(everybodys.values_list("pk", flat=True))
        rows.filter(object_id__in=opened).update(audience=Audience.EVERYONE)
        if keys:
            open_again.enqueue(keys[-1])
