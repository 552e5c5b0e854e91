"""What an editor's decision about a member's post writes to its author."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from caisu.core import mail


def _tell(name, article, **context):
    author = article.author
    with override(author.language):
        addresses = {
            "article_url": article.get_absolute_url(),
            "edit_url": reverse("news:post_edit", args=[article.pk]),
            "posts_url": reverse("news:submit"),
        }
        mail.send(
            f"news/{name}",
            author.email,
            author.language,
            member=author,
            article=article,
            title=article.title,
            **{key: f"{settings.SITE_URL}{path}" for key, path in addresses.items()},
            **context,
        )


def post_published(article):
    _tell("post_published", article)


def post_returned(article, note):
    _tell("post_returned", article, note=note)


def post_refused(article, decision):
    with override(article.author.language):
        page = reverse("moderation:decision", args=[decision.pk])
    _tell(
        "post_refused",
        article,
        reason=decision.reason,
        decision_url=f"{settings.SITE_URL}{page}",
    )


def edit_accepted(article):
    _tell("edit_accepted", article)


def edit_returned(article, note):
    _tell("edit_returned", article, note=note)
