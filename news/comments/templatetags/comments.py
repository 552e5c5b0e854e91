from django import template
from django.db.models import Exists, OuterRef

from news.comments import threads
from news.comments.forms import CommentForm
from news.comments.models import Comment
from news.comments.views import DRAFT_KEY

register = template.Library()


@register.inclusion_tag("comments/_thread.html", takes_context=True)
def comment_thread(context, article):
    """The conversation under an article, with the form or the way to become a member."""
    request = context["request"]
    start = request.GET.get("from", "")
    user = request.user
    return {
        "request": request,
        "user": user,
        "perms": context.get("perms"),
        "site": context["site"],
        "article": article,
        "conversation": threads.conversation(
            article, user, int(start[:18]) if start.isdecimal() else None
        ),
        "form": context.get("comment_form") or blank_form(request, article)
        if user.is_authenticated
        else None,
    }


def blank_form(request, article):
    """The form as it waits: for a reply if the address says so, with a text that was on its way before the login."""
    initial = {}
    parent = request.GET.get("reply", "")
    draft = request.session.get(DRAFT_KEY)
    if draft and draft.get("article") == article.pk:
        initial["body"] = draft.get("body")
        parent = parent or str(draft.get("parent") or "")
    form = CommentForm(article=article, initial=initial)
    if parent.isdecimal():
        shown = Comment.objects.visible().filter(pk=int(parent[:18]), article=article)
        form.answered = shown.select_related("author").first()
        if form.answered:
            form.initial["parent"] = form.answered.pk
    return form


@register.inclusion_tag("comments/_latest.html", takes_context=True)
def latest_comments(context, count=5):
    """The newest comments that everybody may read, for the front page."""
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
    """Whether the reader may ``reply``, ``edit``, ``delete`` or ``report``."""
    ask = {
        "reply": comment.takes_replies_from,
        "edit": comment.is_editable_by,
        "delete": comment.is_deletable_by,
        "report": comment.is_reportable_by,
    }
    return ask[verb](context["user"])
