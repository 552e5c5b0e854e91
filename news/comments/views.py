from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from caisu.core.throttling import Limit
from members.moderation.views import report_page
from news.models import Article
from news.views import article_page

from . import closing, liking, limiting, posting, threads
from .forms import CloseForm, CommentForm, EditForm
from .models import MAX_LENGTH, Comment, are_open_to

LIKES = Limit("like", times=50, seconds=24 * 3600)
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
    form = CommentForm(request.POST, article=article, reader=request.user)
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
    try:
        limiting.count_comment(request.user, form.cleaned_data["token"])
    except limiting.TooSoon as error:
        form.add_error("body", error.words)
        return with_retry(article_page(request, article, comment_form=form, status=429), error)
    comment, created = posting.post_comment(
        article,
        request.user,
        form.cleaned_data["body"],
        form.cleaned_data["token"],
        form.answered,
        address=request.META["REMOTE_ADDR"],
        seconds=form.cleaned_data["opened"],
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


def with_retry(response, error):
    """The form once more, with what was typed, and when to send it (RFC 6585, 4)."""
    response["Retry-After"] = str(error.retry_after)
    return response


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
    if not request.user.is_authenticated and not are_open_to(request.user):
        return redirect_to_login(request.path)  # whether there is such a comment or not
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
            try:
                limiting.count_edit(request.user)
            except limiting.TooSoon as error:
                form.add_error("body", error.words)
                context = {"form": form, "comment": comment}
                return with_retry(render(request, "comments/edit.html", context, status=429), error)
            posting.edit_comment(
                before, form.cleaned_data["body"], address=request.META["REMOTE_ADDR"]
            )
            return redirect(threads.address(before))
    return render(request, "comments/edit.html", {"form": form, "comment": comment})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request, pk):
    comment = known_comment(request, pk)
    if not comment.is_deletable_by(request.user):
        raise PermissionDenied
    if request.method == "POST":
        limiting.count_delete(request.user)
        if posting.delete_comment(comment):
            messages.success(request, _("Your comment is deleted."))
        return redirect(f"{comment.article.get_absolute_url()}#comments")
    return render(request, "comments/delete.html", {"comment": comment})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, pk):
    comment = known_comment(request, pk)
    page = report_page(request, comment, _("Report this comment"), comment.body)
    return page or redirect(threads.address(comment))


@require_POST
def like(request, pk):
    """Likes a comment or, with ``on=0``, no longer; answers a script in JSON."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("comments:permalink", args=[pk]))
    comment = known_comment(request, pk)
    if not comment.is_likeable_by(request.user):
        raise PermissionDenied
    likes = request.POST.get("on") != "0"
    if likes:
        LIKES.hit(request.user.pk)
        liking.like(comment, request.user)
    else:
        liking.unlike(comment, request.user)
    if request.headers.get("Accept") == "application/json":
        comment.refresh_from_db(fields=["like_count"])
        return JsonResponse({"liked": likes, "count": comment.like_count})
    return redirect(threads.address(comment))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request, article_id):
    """Closes the conversation under an article, or opens it again, after a question."""
    article = get_object_or_404(Article.objects.select_related("category", "author"), pk=article_id)
    if not article.is_readable_by(request.user):
        raise Http404
    if not closing.may(article, request.user):
        raise PermissionDenied
    form = CloseForm(
        request.POST or None, initial={"act": "close" if article.comments_open else "reopen"}
    )
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["act"] == "close":
            if closing.close(article, request.user, reason):
                messages.success(request, _("The conversation is closed. What was said stays."))
        elif closing.reopen(article, request.user, reason):
            messages.success(request, _("The conversation is open again."))
        return redirect(f"{article.get_absolute_url()}#comments")
    return render(request, "comments/close.html", {"form": form, "article": article})
