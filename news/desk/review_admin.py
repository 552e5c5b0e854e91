"""Posts of members on the desk: who wrote one, what it changes, and what becomes of it."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from caisu.core.models import Image
from members.moderation import reasons
from members.moderation.models import Case, Decision
from news import diffing, reviewing
from news.models import Article, Category, Tag

from .comparing import around_changes

Action = Decision.Action


class NoteForm(forms.Form):
    """What the editor says to the author."""

    note = forms.CharField(
        label=gettext_lazy("note to the author"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Mailed to the author with what you decide. To publish or accept needs none."
        ),
        error_messages={
            "required": gettext_lazy("Write to the author first, please: what is missing, or why.")
        },
    )


# Act: verb, words on its button, words when done.
OF_A_POST = {
    "give_back": (
        reviewing.give_back,
        pgettext_lazy("review of a post", "Return with the note"),
        gettext_lazy("The post is its author’s again, with your note."),
    ),
    "refuse": (
        reviewing.refuse,
        pgettext_lazy("review of a post", "Refuse with the note"),
        gettext_lazy("The post is refused. Its author gets your reason."),
    ),
}
OF_AN_EDIT = {
    "give_back_edit": (
        reviewing.give_back_edit,
        pgettext_lazy("review of a post", "Return with the note"),
        gettext_lazy("The change is its author’s again, with your note. The post stays as it was."),
    ),
}
OF_A_REFUSED_ONE = {
    "reconsider": (
        reviewing.reconsider,
        pgettext_lazy("review of a post", "Let it wait again"),
        gettext_lazy("The post waits again, for you or a colleague to decide."),
    ),
}
NEEDS_NO_NOTE = {"reconsider"}


def shown_value(name, value):
    """One thing that an author chose, as an editor reads it; from JSON."""
    if name == "category":
        return str(Category.objects.filter(pk=value).first() or "–")
    if name == "tags":
        return (
            pgettext("between items of a list", ", ").join(
                tag.name for tag in Tag.objects.filter(pk__in=value)
            )
            or "–"
        )
    if name == "meant_for":
        return dict(Article.MeantFor.choices).get(value, value)
    return value or "–"


def shown_edit(edit):
    """A change of one field, ready for the page: its name, and a comparison that fits it."""
    line = {"label": Article._meta.get_field(edit.name).verbose_name, "at_odds": edit.at_odds}
    if edit.name.startswith("body_"):
        changes = diffing.compare(edit.now, edit.proposed)
        return line | {"blocks": around_changes(changes)}
    if edit.name == "cover":
        found = Image.objects.in_bulk([key for key in (edit.now, edit.proposed) if key])
        return line | {"covers": [found.get(edit.now), found.get(edit.proposed)]}
    now, proposed = shown_value(edit.name, edit.now), shown_value(edit.name, edit.proposed)
    return line | {"words": diffing.words(now, proposed)}


class ReviewAdmin(admin.ModelAdmin):
    """The review of members' posts, above the form of an article."""

    def get_urls(self):
        review = self.admin_site.admin_view(self.review)
        return [path("<int:pk>/review/", review, name="news_article_review"), *super().get_urls()]

    def may_review(self, request):
        return request.user.has_perm("news.publish_article")

    def review_context(self, request, post):
        """What an editor should know of a member's post before deciding; {} for other articles."""
        if post is None or not post.is_post or not self.may_review(request):
            return {}
        author, decisions = post.author, self.decisions_about(post)
        waits = reviewing.awaiting_review().filter(pk=post.pk).exists()
        proposal = reviewing.proposal_for(post) if waits else None
        case = Case.objects.about(post).open().first() if waits else None
        own = author.pk == request.user.pk
        found = {
            "author": author,
            "published": author.articles.published().filter(is_post=True).count(),
            "taken_down": self.taken_down(author),
            "case": case,
            "why": reasons.words(case.reasons) if case else [],
            "decisions": decisions,
            "waits": waits,
            "own": own,
            "to_publish": waits and post.status == Article.Status.SUBMITTED,
            "acts": [],
            "proposal": proposal,
        }
        if proposal:
            found["edits"] = [shown_edit(edit) for edit in reviewing.edits_in(post, proposal)]
            found["at_odds"] = any(edit["at_odds"] for edit in found["edits"])
            found["seen"] = reviewing.seen(post, proposal)
        refused = post.status == Article.Status.SUBMITTED and post.state in reviewing.DOWN
        if (waits or refused) and not own:
            acts = OF_A_REFUSED_ONE if refused else OF_AN_EDIT if proposal else OF_A_POST
            found["acts"] = [(name, words) for name, (_verb, words, _done) in acts.items()]
        return found

    @staticmethod
    def decisions_about(post):
        """The last few, newest first."""
        cases = Case.objects.about(post).values("pk")
        return list(Decision.objects.filter(case__in=cases).select_related("by")[:5])

    @staticmethod
    def taken_down(author):
        """How many contributions of theirs moderators and editors had to take down."""
        against = [Action.REMOVE, Action.SPAM]
        return Decision.objects.filter(case__member=author, action__in=against).count()

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["review"] = self.review_context(request, obj)
        context.setdefault("note_form", NoteForm(auto_id="review-%s"))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def review(self, request, pk):
        """POST: one act on one post or edit, with a note where the author needs one."""
        if not self.may_review(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        post = get_object_or_404(
            Article.objects.select_related("author", "category", "cover"), pk=pk, is_post=True
        )
        act = request.POST.get("act", "")
        form = NoteForm(request.POST, auto_id="review-%s")
        if act == "accept_edit":
            return self.accept(request, post)
        form.fields["note"].required = act not in NEEDS_NO_NOTE
        acts = OF_A_POST | OF_AN_EDIT | OF_A_REFUSED_ONE
        verb, _words, done = acts.get(act, (None, None, None))
        if verb is None:
            raise PermissionDenied
        if not form.is_valid():
            messages.error(request, " ".join(form.errors["note"]))
            # The page once more, with what was typed; as such it only shows.
            request.method = "GET"
            return self.change_view(request, str(pk), extra_context={"note_form": form})
        return self.decided(
            request, post, verb(post, request.user, form.cleaned_data["note"]), done
        )

    def accept(self, request, post):
        proposal = reviewing.proposal_for(post)
        author = proposal.editor if proposal else post.author
        note = _("Change by %(name)s") % {"name": author.display_name}
        try:
            done = reviewing.accept_edit(post, request.user, request.POST.get("seen", ""), note)
        except reviewing.Stale:
            messages.warning(
                request,
                _("The change or the article is not what you saw any more. Please look again."),
            )
            return HttpResponseRedirect(reverse("admin:news_article_change", args=[post.pk]))
        return self.decided(request, post, done, _("The change is published."))

    def decided(self, request, post, done, words):
        """Says what was done, and goes on with what waits longest."""
        here = reverse("admin:news_article_change", args=[post.pk])
        if not done:
            messages.warning(
                request, _("Nothing was done: it does not wait any more, or is yours.")
            )
            return HttpResponseRedirect(here)
        messages.success(request, words)
        following = Case.objects.open().filter(kind=Case.Kind.SUBMISSION).first()
        if following and following.subject:
            here = reverse("admin:news_article_change", args=[following.object_id])
        return HttpResponseRedirect(here)
