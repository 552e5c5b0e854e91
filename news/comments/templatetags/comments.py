from django import template
from django.db.models import Exists, OuterRef
from django.utils import timezone

from caisu.core import quoting
from news.comments import closing, following, polling, threads
from news.comments.forms import CommentForm
from news.comments.models import Comment, are_open_to
from news.comments.views import DRAFT_KEY

register = template.Library()


@register.inclusion_tag("comments/_thread.html", takes_context=True)
def comment_thread(context, article):
    """The conversation under an article, with the form or the way to become a member."""
    request = context["request"]
    user = request.user
    typed = context.get("comment_form")
    # What somebody was writing when a new agreement came stays before them.
    terms_due = typed is None and bool(getattr(request, "terms_due", False))
    form = None
    if user.is_authenticated and not terms_due:
        form = typed or blank_form(request, article)
    now = timezone.now()
    page = threads.conversation(
        article, user, number(request, "from"), number(request, "after"), context["site"]
    )
    reading = following.reading(article, user)
    return {
        "request": request,
        "user": user,
        "perms": context.get("perms"),
        "site": context["site"],
        "article": article,
        "conversation": page,
        "reading": reading,
        "follows": following.follows(article, user, reading),
        "fresh": polling.mark(page, article, user, reading),
        "newest": polling.newest(page, now),
        "until": polling.stamp(now),
        "may_close": closing.may(article, user),
        "form": form,
        "terms_due": terms_due,
    }


def number(request, name):
    """A primary key from the address, or None."""
    value = request.GET.get(name, "")
    return int(value[:18]) if value.isdecimal() else None


def blank_form(request, article):
    """The form as it waits: for a reply if the address says so, with what is to be quoted, or with
    a text that was on its way before the login."""
    texts = []
    quotes = number(request, "quote")
    parent = quotes or number(request, "reply")
    draft = request.session.get(DRAFT_KEY)
    if draft and draft.get("article") == article.pk:
        texts.append(draft.get("body") or "")
        kept = str(draft.get("parent") or "")
        parent = parent or (int(kept[:18]) if kept.isdecimal() else None)
    answered = None
    if parent and are_open_to(request.user):
        shown = Comment.objects.visible().filter(pk=parent, article=article)
        answered = shown.select_related("author").first()
    if answered and quotes:
        texts.append(quoting.passage(answered.body) + "\n\n")
    initial = {}
    if texts:
        # It was not typed here: how long that took, nobody can tell.
        initial = {"body": "\n\n".join(texts), "opened": ""}
    form = CommentForm(article=article, reader=request.user, initial=initial)
    form.answered = answered
    if answered:
        form.initial["parent"] = answered.pk
    return form


@register.inclusion_tag("comments/_latest.html", takes_context=True)
def latest_comments(context, count=5):
    """The newest comments that everybody may read, for the front page."""
    if not are_open_to(context["user"], context["site"].comments_audience):
        return {"comments": []}
    # Asked of each comment, the newest first: from the articles, all comments would be sorted.
    public = context["view"].public_articles().filter(pk=OuterRef("article"))
    comments = (
        Comment.objects.visible()
        .filter(Exists(public))
        .select_related("author", "article")
        .defer("article__body_zh_hans", "article__body_en")
        .order_by("-created_at", "-pk")
    )
    return {"comments": comments[:count]}


@register.simple_tag(takes_context=True)
def may(context, verb, comment):
    """Whether the reader may ``read``, ``reply``, ``like``, ``edit``, ``delete`` or ``report``."""
    ask = {
        "read": comment.is_known_to,
        "like": comment.is_likeable_by,
        "reply": comment.takes_replies_from,
        "edit": comment.is_editable_by,
        "delete": comment.is_deletable_by,
        "report": comment.is_reportable_by,
    }
    return ask[verb](context["user"])
