from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import ListView

from caisu.core.fulltext.asking import LONGEST_QUERY
from caisu.core.throttling import Limit

from . import findable
from .models import Member
from .places import PROVINCES
from .views import card

PAGE = 60
# Enough to find a person, too few to carry the directory away.
PAGES = Limit("directory", times=60, seconds=3600)
# With more, a list to choose from helps nobody.
MOST_DEPARTMENTS = 300
# Each filter and the private field that it would otherwise give away.
SHOWN_BY = {
    "affiliation": "affiliation",
    "department": "department",
    "province": "hometown",
    "arrived": "arrived",
}
ANY = pgettext_lazy("filter of members", "Any")

# Each step jumps to the next name in the index of the department filter, so that the time hangs on
# how many departments there are, not on how many members. What a row needs to be in that index is
# what MemberQuerySet.listed() and showing() ask for, but that few wait for a moderator: a department
# that nobody shows is no choice.
NEXT_DEPARTMENT = """
SELECT min(department) FROM members_member
WHERE standing = 'active' AND leaves_at IS NULL
AND NOT (visibility = 'nobody') AND NOT (department_audience = 'nobody') AND NOT profile_held
"""
DEPARTMENTS = f"""
WITH RECURSIVE found (name) AS (
    {NEXT_DEPARTMENT} AND department > ''
    UNION ALL
    SELECT ({NEXT_DEPARTMENT} AND department > found.name) FROM found WHERE found.name IS NOT NULL
)
SELECT name FROM found WHERE name IS NOT NULL LIMIT %s
"""  # noqa: S608 - made of constants


def departments():
    """The departments that members show to members, by name."""
    with connection.cursor() as cursor:
        cursor.execute(DEPARTMENTS, [MOST_DEPARTMENTS])
        return sorted((name for (name,) in cursor.fetchall()), key=str.casefold)


class DirectoryForm(forms.Form):
    """Whom one looks for. All of it must fit."""

    q = forms.CharField(label=_("Name or handle"), max_length=LONGEST_QUERY, required=False)
    affiliation = forms.ChoiceField(label=_("Here as"), required=False)
    department = forms.ChoiceField(label=_("Department"), required=False)
    province = forms.ChoiceField(label=_("Home province"), required=False)
    arrived = forms.IntegerField(
        label=_("Year of arrival"), min_value=1900, max_value=2100, required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = {
            "affiliation": Member.Affiliation.choices,
            "department": [(name, name) for name in departments()],
            "province": PROVINCES,
        }
        for name, some in choices.items():
            self.fields[name].choices = [("", ANY), *some]
        self.fields["q"].widget = forms.TextInput(
            attrs={"type": "search", "enterkeyhint": "search", "autocapitalize": "none"}
        )

    @property
    def filter_fields(self):
        """All but the name, as the page shows them."""
        return [self[name] for name in SHOWN_BY]

    @property
    def filters(self):
        """What is chosen beside the name, and can be asked for."""
        return {name: value for name in SHOWN_BY if (value := self.cleaned_data.get(name))}

    @property
    def chosen(self):
        """The same in words."""
        words = {name: dict(getattr(self.fields[name], "choices", ())) for name in self.filters}
        return [str(words[name].get(value, value)) for name, value in self.filters.items()]

    def members(self):
        """Those who fit; nobody for what cannot be asked."""
        if not self.is_valid():
            return Member.objects.none()
        members = Member.objects.listed()
        for name, value in self.filters.items():
            members = members.showing(SHOWN_BY[name]).filter(**{name: value})
        query = self.cleaned_data["q"]
        return findable.among(members, query) if query else members


class Directory(LoginRequiredMixin, ListView):
    """Members who let members see them, newest first: the same ones for every full member."""

    template_name = "members/directory.html"
    context_object_name = "members"

    def get_queryset(self):
        viewer = self.request.user
        if not viewer.is_full_member:
            raise PermissionDenied(_("The directory opens once you are approved."))
        PAGES.hit(viewer.pk)
        self.form = DirectoryForm(self.request.GET)
        members = self.form.members().order_by("-pk")
        before = self.request.GET.get("before", "")
        self.begins = not before.isdecimal()
        return members if self.begins else members.filter(pk__lt=int(before[:18]))

    def get_context_data(self, **kwargs):
        page = list(self.object_list[: PAGE + 1])
        for member in page:
            member.card = card(member, self.request.user)
        asked = {name: value for name, value in self.form.cleaned_data.items() if value}
        return super().get_context_data(
            object_list=page[:PAGE],
            older=page[PAGE - 1].pk if len(page) > PAGE else None,
            form=self.form,
            asked=urlencode(asked),
            begins=self.begins,
            **kwargs,
        )
