from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caisu.core.throttling import Limit
from members.moderation import waiting
from members.moderation.models import Case
from news.models import Article
from news.views import article_page

from . import posting, threads
from .forms import CommentForm, EditForm, ReportForm
from .models import MAX_LENGTH, Comment

POSTS = Limit("comment", times=10, seconds=60)
REPORTS = Limit("report", times=20, seconds=24 * 3600)
# Texts kept for somebody who is not logged in, from one address.
DRAFTS = Limit("comment-draft", times=30, seconds=3600)
DRAFT_KEY = "comment-draft"


def to_login(request, article, form):
    """Off to the login, with what was typed kept in the session for the way back."""
    DRAFTS.hit(request.META["REMOTE_ADDR"])
    request.session[DRAFT_KEY] = {
        "article": article.pk,
        "body": form.data.get("body", "")[:MAX_LENGTH],
        "parent": form.data.get("parent", "")[:20],
    }
    messages.info(request, _("Your comment is kept. Log in, and you can send it."))
    return redirect_to_login(f"{article.get_absolute_url()}#comment-form")


@require_POST
def post(request, article_id):
    """A new comment or reply."""
    article = get_object_or_404(
        Article.objects.select_related("category", "author", "cover"), pk=article_id
    )
    if not article.is_known_to(request.user):
        raise Http404
    form = CommentForm(request.POST, article=article)
    if not request.user.is_authenticated:
        return to_login(request, article, form)
    if not article.is_readable_by(request.user):
        raise Http404
    if not article.takes_comments:
        raise PermissionDenied(_("Comments on this article are closed."))
    if not form.is_valid():
        if "parent" in form.errors and form.errors.as_data()["parent"][0].code == "gone":
            guard_foreign_parent(request, article)
        return article_page(request, article, comment_form=form)
    POSTS.hit(request.user.pk)
    comment, created = posting.post_comment(
        article, request.user, form.cleaned_data["body"], form.cleaned_data["token"], form.answered
    )
    request.session.pop(DRAFT_KEY, None)
    if created and not comment.is_shown:
        messages.success(
            request,
            _(
                "Thank you. A moderator looks at your comment before others see it, usually within a day."
            ),
        )
    return redirect(threads.address(comment))


def guard_foreign_parent(request, article):
    """A reply to a comment of another article is no accident of the reader's."""
    parent = request.POST.get("parent", "")
    if (
        parent.isdecimal()
        and Comment.objects.filter(pk=int(parent[:18])).exclude(article=article).exists()
    ):
        raise PermissionDenied


@require_safe
def permalink(request, pk):
    """Leads to the page of the conversation on which the comment stands."""
    comment = known_comment(request, pk)
    return redirect(threads.address(comment))


def known_comment(request, pk):
    comment = get_object_or_404(
        Comment.objects.select_related("article__category", "author", "root"), pk=pk
    )
    if not comment.article.is_readable_by(request.user) or not comment.is_known_to(request.user):
        raise Http404
    return comment


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    comment = known_comment(request, pk)
    if not comment.is_editable_by(request.user):
        raise PermissionDenied(_("The time to edit this comment is over."))
    form = EditForm(request.POST or None, instance=comment, auto_id="comment-%s")
    if request.method == "POST":
        before = Comment.objects.get(pk=pk)
        if form.is_valid():
            POSTS.hit(request.user.pk)
            posting.edit_comment(before, form.cleaned_data["body"])
            return redirect(threads.address(before))
    return render(request, "comments/edit.html", {"form": form, "comment": comment})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request, pk):
    comment = known_comment(request, pk)
    if not comment.is_deletable_by(request.user):
        raise PermissionDenied
    if request.method == "POST":
        if posting.delete_comment(comment):
            messages.success(request, _("Your comment is deleted."))
        return redirect(f"{comment.article.get_absolute_url()}#comments")
    return render(request, "comments/delete.html", {"comment": comment})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, pk):
    comment = known_comment(request, pk)
    if not comment.is_reportable_by(request.user):
        raise PermissionDenied
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        REPORTS.hit(request.user.pk)
        new = waiting.report(
            comment,
            Case.Kind.COMMENT,
            request.user,
            form.cleaned_data["reason"],
            form.cleaned_data["text"],
            get_language(),
        )
        thanks = _("Thank you. A moderator will look at it.")
        messages.success(
            request,
            thanks if new else _("You have reported this comment before; it is in the queue."),
        )
        return redirect(threads.address(comment))
    return render(request, "comments/report.html", {"form": form, "comment": comment})
