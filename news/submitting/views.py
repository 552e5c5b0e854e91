from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import ListView

from caisu.core.throttling import Limit, TooManyRequests
from members import trust
from news import drafting, publishing, reviewing, revisions
from news.models import Article

from .forms import PostForm
from .standing import standing_of, standings

NEW_IN_A_DAY = Limit("post-day", times=20, seconds=24 * 3600)
NEW_ON_THE_FIRST_DAY = Limit("post-first-day", trust.FIRST_DAY_POSTS, 24 * 3600)
CHANGES = Limit("post-change", times=30, seconds=600)
# Each is kept as a revision, in full and for ever.
CHANGES_IN_A_DAY = Limit("post-change-day", times=200, seconds=24 * 3600)
# Every few seconds while somebody writes.
KEPT = Limit("post-keep", times=30, seconds=60)
# Texts kept for somebody who is not logged in, from one address.
TYPED = Limit("post-typed", times=30, seconds=3600)
TYPED_KEY, TYPED_LENGTH = "post-typed", 100_000

Status = Article.Status


def limit_new(author, token):
    """New posts, drafts too: fewer from a newcomer, and on the first day. A form counts once."""
    key = f"post-counted:{author.pk}:{token}"
    if not cache.add(key, True, 3600):
        return
    now = trust.limits(author)
    try:
        now.posts.hit(author.pk)
        NEW_IN_A_DAY.hit(author.pk)
        if now.posts_today is not None:
            NEW_ON_THE_FIRST_DAY.hit(author.pk)
    except TooManyRequests:
        cache.delete(key)
        raise


def limit_changes(author):
    CHANGES.hit(author.pk)
    CHANGES_IN_A_DAY.hit(author.pk)


def for_members(view):
    """Off to the login with whoever is not; what they typed waits in the session for the way back."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            TYPED.hit(request.META["REMOTE_ADDR"])
            texts = {name: request.POST.get(name, "")[:TYPED_LENGTH] for name in revisions.TEXTS}
            writer = request.POST.get("writer", "")[:20]
            request.session[TYPED_KEY] = {"path": request.path, "texts": texts, "writer": writer}
            messages.info(request, _("Your text is kept. Log in, and you can go on."))
        return redirect_to_login(request.path)

    return guarded


def typed_before_login(request):
    """The texts that this very member typed into this form before they had to log in."""
    if request.session.get(TYPED_KEY, {}).get("path") != request.path:
        return {}
    typed = request.session.pop(TYPED_KEY)  # on a shared computer, nobody else's
    return typed["texts"] if typed["writer"] == str(request.user.pk) else {}


class OwnPosts(LoginRequiredMixin, ListView):
    """What a member wrote for the site, and how it stands."""

    template_name = "news/submit/posts.html"
    context_object_name = "posts"
    paginate_by = 20

    def get_queryset(self):
        own = Article.objects.filter(author=self.request.user, is_post=True)
        return own.for_list().order_by("-updated_at", "-pk")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        posts = list(context["posts"])
        found = standings(posts, self.request.user)
        for post in posts:
            post.editable = post.is_editable_by(self.request.user)
        return {**context, "rows": [(post, found[post.pk]) for post in posts]}


def own_post(request, pk):
    """A post of the reader's own; those of others do not exist."""
    posts = Article.objects.select_related("category", "author", "cover").prefetch_related("tags")
    post = get_object_or_404(posts, pk=pk)
    if not post.is_own_of(request.user):
        raise Http404
    return post


def editable_post(request, pk):
    post = own_post(request, pk)
    if not post.is_editable_by(request.user):
        raise PermissionDenied(_("This post can no longer be changed."))
    return post


def page(request, form, post=None, standing=None, **context):
    """The form, with all that was typed."""
    return render(
        request,
        "news/submit/post.html",
        {
            "form": form,
            "post": post,
            "standing": standing,
            "publishes": reviewing.publishes(request.user),
            **context,
        },
    )


def saved(request, key, message, leads_to):
    """Off to another page, which also tells the browser to forget its own copy."""
    messages.success(request, message)
    return redirect(f"{leads_to}?saved={key}")


def is_finished(request):
    return request.POST.get("act") == "submit"


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """A new post, as a draft or handed in at once."""
    author = request.user
    if request.method != "POST":
        initial = typed_before_login(request)
        form = PostForm(author=author, instance=Article(author=author), initial=initial)
        return page(request, form)
    form = PostForm(
        request.POST,
        request.FILES,
        author=author,
        finished=is_finished(request),
        instance=Article(author=author),
    )
    if not form.is_valid():
        return page(request, form)
    token = form.cleaned_data["token"]
    limit_new(author, token)
    limit_changes(author)  # a form that is known makes its post once more when that was deleted
    with transaction.atomic():
        post, first = reviewing.begin(form.instance, author, form.chosen_tags, token)
        if first and form.finished:
            reviewing.submit(post, author)
    return told(request, post, "new", form.finished)


def told(request, post, key, finished):
    """Says what became of the post, and leads to where the author goes on."""
    if not finished:
        edit_page = reverse("news:post_edit", args=[post.pk])
        return saved(request, key, _("Your draft is saved."), edit_page)
    if post.status == Status.PUBLISHED:
        return saved(request, key, _("Your post is published."), reverse("news:submit"))
    message = _("Thank you. An editor reads your post, and you get an e-mail about it.")
    return saved(request, key, message, reverse("news:submit"))


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """A post of one's own: a draft, one that waits, or an edit of one that is out."""
    post = editable_post(request, pk)
    standing = standing_of(post, request.user)
    if request.method != "POST":
        tags, base, unsaved = list(post.tags.all()), post.version, None
        if standing.copy:
            tags = revisions.put(post, standing.copy.fields, reviewing.AUTHORS)
            base = standing.copy.base
            unsaved = None if standing.copy.submitted_at else standing.copy
        initial = {"tags": [tag.pk for tag in tags], "base": base}
        initial |= typed_before_login(request)
        form = PostForm(author=request.user, instance=post, initial=initial)
        return page(request, form, post, standing, unsaved=unsaved)
    reviewed = post.status == Status.PUBLISHED and not reviewing.publishes(request.user)
    may_have_holes = post.status == Status.DRAFT or (reviewed and standing.name != "edit-waiting")
    form = PostForm(
        request.POST,
        request.FILES,
        author=request.user,
        finished=is_finished(request) or not may_have_holes,
        instance=post,
    )
    if not form.is_valid():
        return page(request, form, post, standing)
    limit_changes(request.user)
    if reviewed:
        return edit_of_published(request, form, post)
    return edit_of_draft(request, form, post, standing)


def edit_of_draft(request, form, post, standing):
    """What is not out, or is an editor's, changes at once."""
    try:
        with transaction.atomic():
            reviewing.write(post, request.user, form.chosen_tags, form.cleaned_data["base"] or 0)
            if form.finished and post.status == Status.DRAFT:
                reviewing.submit(post, request.user)
    except publishing.Conflict as conflict:
        form.data = form.data.copy()
        form.data["base"] = conflict.version
        now = own_post(request, post.pk)
        return page(request, form, now, standing_of(now, request.user), conflict=True)
    if standing.name == "waiting":
        message = _("Your changes are saved. The post still awaits review.")
        return saved(request, post.pk, message, reverse("news:submit"))
    return told(request, post, post.pk, form.finished)


def edit_of_published(request, form, post):
    """What is out keeps its text until an editor has looked."""
    base = form.cleaned_data["base"] or post.version
    if not form.finished:
        keep_for_later(form, post, base)
        message = _("Your change is kept, for you alone. Send it when it is ready.")
        return saved(request, post.pk, message, reverse("news:post_edit", args=[post.pk]))
    now = Article.objects.select_related("author").get(pk=post.pk)
    if reviewing.propose(now, request.user, post, form.chosen_tags, base):
        message = _(
            "Thank you. An editor looks at your change; until then the post stays as it is."
        )
    else:
        message = _("Nothing has changed.")
    return saved(request, post.pk, message, reverse("news:submit"))


@login_required
@require_POST
def keep(request, pk):
    """Keeps what is in the form while it is being written; JSON."""
    post = editable_post(request, pk)
    KEPT.hit(request.user.pk)
    form = PostForm(request.POST, author=request.user, instance=post)
    if not form.is_valid():
        return JsonResponse({"kept": False}, status=400)
    try:
        keep_for_later(form, post, form.cleaned_data["base"] or post.version)
    except drafting.AwaitsReview:
        return JsonResponse({"kept": False}, status=409)
    return JsonResponse({"kept": True})


def keep_for_later(form, post, base):
    """Keeps a valid form beside the post, which stays as it is."""
    fields = reviewing.written_fields(post, form.chosen_tags)
    drafting.keep(form.author, fields, Article.objects.get(pk=post.pk), base=base)


@login_required
@require_POST
def take_back(request, pk):
    """A submission, or an edit, is its author's alone again."""
    post = editable_post(request, pk)
    if post.status == Status.PUBLISHED:
        done = reviewing.take_back_edit(post, request.user)
    else:
        done = reviewing.take_back(post, request.user)
    if done:
        messages.success(request, _("It is yours alone again. Send it when it is ready."))
    else:
        messages.warning(request, _("There is nothing to take back: it does not wait any more."))
    return redirect("news:post_edit", pk=post.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request, pk):
    """Throws away what was written and not saved."""
    post = editable_post(request, pk)
    if request.method == "POST":
        if reviewing.forget(post, request.user):
            messages.success(request, _("What you had not saved is thrown away."))
        return redirect(f"{reverse('news:post_edit', args=[post.pk])}?saved={post.pk}")
    return render(request, "news/submit/discard.html", {"post": post})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request, pk):
    """Deletes a draft that was never out."""
    post = editable_post(request, pk)
    if post.status != Status.DRAFT or post.released_at:
        raise PermissionDenied(_("Only a draft can be deleted. Take the post back first."))
    if request.method == "POST":
        if reviewing.delete(post):
            messages.success(request, _("Your draft is deleted."))
        return redirect(f"{reverse('news:submit')}?saved={pk}")
    return render(request, "news/submit/delete.html", {"post": post})
