"""The list of members in the admin: what it shows, how it is narrowed down and searched."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, Q, prefetch_related_objects
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from caisu.core.roles import ROLE_NAMES, WEBMASTER
from members import findable
from members.models import Appointment, Member

from .models import Case, Report

A_YEAR = timedelta(days=365)


class AffiliationFilter(admin.ChoicesFieldListFilter):
    """The field calls itself as its owner reads it: "I am a"."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.title = _("affiliation")


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return [("any", pgettext_lazy("role", "Any")), *ROLE_NAMES.items()]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        if self.value() == "any":
            return queryset.filter(is_staff=True)
        # Few hold one: found by their keys, not by looking at everybody.
        held = Appointment.objects.filter(role__name=self.value())
        holds = Q(pk__in=set(held.values_list("member", flat=True)))
        return queryset.filter(holds | Q(is_superuser=True) if self.value() == WEBMASTER else holds)


class WaitingFilter(admin.SimpleListFilter):
    """Newcomers for whom we are to decide, and those who never typed the code."""

    title = pgettext_lazy("filter", "waiting")
    parameter_name = "waiting"

    def lookups(self, request, model_admin):
        return [
            ("us", pgettext_lazy("waiting", "For a decision")),
            ("code", pgettext_lazy("waiting", "For the code to be typed")),
        ]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        pending = queryset.filter(standing=Member.Standing.PENDING)
        cases = Case.objects.open().filter(kind=Case.Kind.SIGNUP, member=OuterRef("pk"))
        proven = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        return pending.filter(Exists(cases) if self.value() == "us" else ~Exists(proven))


class JoinedFilter(admin.SimpleListFilter):
    title = pgettext_lazy("filter", "joined")
    parameter_name = "joined"

    def lookups(self, request, model_admin):
        return [
            ("week", _("In the last seven days")),
            ("month", _("This month")),
            ("year", _("This year")),
        ]

    def queryset(self, request, queryset):
        today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        since = {
            "week": today - timedelta(days=7),
            "month": today.replace(day=1),
            "year": today.replace(month=1, day=1),
        }.get(self.value())
        return queryset.filter(date_joined__gte=since) if since else queryset


class SeenFilter(admin.SimpleListFilter):
    title = pgettext_lazy("filter", "last seen")
    parameter_name = "seen"

    def lookups(self, request, model_admin):
        return [("month", _("In the last 30 days")), ("year", _("More than a year ago"))]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        if self.value() == "month":
            return queryset.filter(last_seen_on__gt=today - timedelta(days=30))
        if self.value() == "year":
            never = Q(last_seen_on=None, date_joined__lt=timezone.now() - A_YEAR)
            return queryset.filter(Q(last_seen_on__lt=today - A_YEAR) | never)
        return queryset


class VoucherFilter(admin.SimpleListFilter):
    title = pgettext_lazy("filter", "vouched for")
    parameter_name = "vouched"

    def lookups(self, request, model_admin):
        return [("yes", _("By a member")), ("no", _("By nobody"))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.filter(vouched_by__isnull=self.value() == "no")


class MemberChangeList(ChangeList):
    """Looks up what the page shows of its rows for those rows alone, in three queries."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = rows = list(self.result_list)
        prefetch_related_objects(rows, "appointments__role")
        pks = [member.pk for member in rows]
        reports = Report.objects.filter(case__member__in=pks).exclude(case__kind=Case.Kind.ISSUE)
        counted = dict(reports.order_by().values_list("case__member").annotate(number=Count("pk")))
        protected = set(
            Authenticator.objects.filter(user__in=pks)
            .exclude(type=Authenticator.Type.RECOVERY_CODES)
            .values_list("user", flat=True)
        )
        # Whose door is easier to open is for webmasters to know.
        shown = request.user.is_superuser
        for member in rows:
            member.report_count = counted.get(member.pk, 0)
            member.lacks_second_factor = shown and member.is_staff and member.pk not in protected


class MemberList(admin.ModelAdmin):
    """The list's half of MemberAdmin. It counts no more than it must: a large site opens as fast."""

    list_display = [
        "name",
        "how_they_stand",
        "what_they_are",
        "roles",
        "joined",
        "seen",
        "contributions",
        "reports",
        "vouched_by",
    ]
    list_filter = [
        "standing",
        WaitingFilter,
        RoleFilter,
        ("affiliation", AffiliationFilter),
        JoinedFilter,
        SeenFilter,
        VoucherFilter,
    ]
    list_select_related = ["vouched_by"]
    list_per_page = 50
    list_max_show_all = 200
    # The key rises with the time of joining, and an index on it is there anyway.
    ordering = ["-pk"]
    sortable_by = ["name", "joined", "seen", "contributions"]
    empty_value_display = ""
    search_fields = ["username"]  # shows the box; get_search_results does the work
    search_help_text = _("Name, handle, or a whole e-mail address, also a second one.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ASKED_FOR = frozenset(
        [
            *("standing__exact", "affiliation__exact", "vouched_by__id__exact"),
            *("waiting", "role", "joined", "seen", "vouched"),
        ]
    )

    def lookup_allowed(self, lookup, value, request):
        """What may be asked by the address line: no hashes, and nothing that a member hides."""
        return lookup in self.ASKED_FOR

    def get_changelist(self, request, **kwargs):
        return MemberChangeList

    def get_search_results(self, request, queryset, search_term):
        """A whole address finds its owner alone; else names and handles are looked for, all by index."""
        if not search_term.strip():
            return queryset, False
        words = " ".join(search_term.split()).lstrip("@")
        if "@" in words:
            return queryset.filter(pk__in=owners_of(words)), False
        found, request.members_to_count = findable.at_the_desk(queryset, words)
        return found, False

    def get_paginator(self, request, queryset, *args, **kwargs):
        paginator = super().get_paginator(request, queryset, *args, **kwargs)
        if hasattr(request, "members_to_count"):
            paginator.count = request.members_to_count.count()
        return paginator

    @admin.display(description=_("name"), ordering="display_name")
    def name(self, member):
        return format_html('{} <span class="under">@{}</span>', member, member.username)

    @admin.display(description=_("standing"))
    def how_they_stand(self, member):
        words = member.get_standing_display()
        if not member.suspended_until:
            return words
        until = date_format(timezone.localtime(member.suspended_until), "SHORT_DATE_FORMAT")
        return format_html(
            '{} <span class="under">{}</span>', words, _("until %(date)s") % {"date": until}
        )

    @admin.display(description=_("affiliation"))
    def what_they_are(self, member):
        return member.get_affiliation_display()

    @admin.display(description=_("roles"))
    def roles(self, member):
        held = " · ".join(held_by(member))
        if not member.lacks_second_factor:
            return held
        return format_html('{} <span class="under">{}</span>', held, _("no second factor"))

    @admin.display(description=_("joined"), ordering="pk")
    def joined(self, member):
        return date_format(timezone.localtime(member.date_joined), "SHORT_DATE_FORMAT")

    @admin.display(description=pgettext_lazy("column", "last seen"), ordering="last_seen_on")
    def seen(self, member):
        return date_format(member.last_seen_on, "SHORT_DATE_FORMAT") if member.last_seen_on else ""

    @admin.display(description=_("approved"), ordering="approved_count")
    def contributions(self, member):
        return member.approved_count

    @admin.display(description=pgettext_lazy("column", "reports"))
    def reports(self, member):
        return member.report_count or None


def held_by(member):
    """The roles of a member in the reader's language; one query, none if they were fetched before."""
    names = [appointment.role_name for appointment in member.appointments.all()]
    webmaster = str(ROLE_NAMES[WEBMASTER])
    return [webmaster, *names] if member.is_superuser and webmaster not in names else names


def owners_of(address):
    """Keys of whoever has an e-mail address, as the first or a further one, in two indexed queries."""
    address = address.strip().lower()
    return {
        *EmailAddress.objects.filter(email=address).values_list("user", flat=True),
        *Member.objects.alias(lower=Lower("email"))
        .filter(lower=address)
        .exclude(email="")
        .values_list("pk", flat=True),
    }
