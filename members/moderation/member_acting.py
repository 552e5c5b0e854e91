"""The pages on which something is done to one person or to many: what, to whom, why, then the verb."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import reauthentication
from members.models import Member

from .desk import told
from .member_acts import ACTS, MOST, acts_for

# The link that takes an act back names them all in its address.
UNDOES = 100
LIST = "admin:members_member_changelist"


def for_many(name):
    """The act as one of those above the list: it leads to the page that asks."""
    act = ACTS[name]

    @admin.action(description=act.many, permissions=["lead" if act.many_by_webmaster else "decide"])
    def choose(modeladmin, request, queryset):
        pks = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if len(pks) > MOST:
            messages.error(request, _("At most %(count)d at once.") % {"count": MOST})
            return None
        return modeladmin.show_act(request, name, *modeladmin.sort_out(request, name, pks))

    choose.__name__ = name
    return choose


class MemberActing(admin.ModelAdmin):
    """The part of MemberAdmin that acts."""

    actions = [for_many(name) for name, act in ACTS.items() if act.many]

    def act(self, request, pk, name):
        """One act on one person."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        member = get_object_or_404(Member, pk=pk)
        if name not in acts_for(member, request.user):
            raise PermissionDenied
        back = reverse("admin:members_member_change", args=[pk])
        return self.carry_out(request, name, [member], 0, back)

    def act_on_many(self, request, name):
        """One act on those named in ``pk``; whom it does not fit, or who is gone, is left alone."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        act = ACTS.get(name)
        if act is None or not act.many:
            raise PermissionDenied
        if act.many_by_webmaster and not self.has_lead_permission(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        pks = [int(pk) for pk in asked.getlist("pk")[:MOST] if pk.isdecimal() and len(pk) < 19]
        fitting, skipped = self.sort_out(request, name, pks)
        return self.carry_out(request, name, fitting, skipped, reverse(LIST))

    def sort_out(self, request, name, pks):
        """Whom the act fits, and how many others there are."""
        chosen = Member.objects.filter(pk__in=pks).order_by("pk")
        fitting = [member for member in chosen if ACTS[name].fits(member, request.user)]
        return fitting, len(pks) - len(fitting)

    def carry_out(self, request, name, members, skipped, back):
        act = ACTS[name]
        if act.sensitive and not reauthentication.is_recent(request):
            return reauthentication.ask(request)
        if not members:
            told(request, 0, skipped)
            return HttpResponseRedirect(back)
        if request.method != "POST":
            return self.show_act(request, name, members, skipped)
        form = act.form(request.POST)
        form.about(members)
        if not form.is_valid():
            return self.show_act(request, name, members, skipped, form)
        with transaction.atomic():
            done = [each for each in members if act.run(each, request.user, form.cleaned_data)]
        told(request, len(done), skipped + len(members) - len(done))
        if act.undone and 0 < len(done) <= UNDOES:
            self.offer_undo(request, done)
        return HttpResponseRedirect(back)

    def offer_undo(self, request, members):
        query = urlencode([("pk", member.pk) for member in members])
        address = f"{reverse('admin:members_member_acts', args=['restore'])}?{query}"
        if len(members) == 1:
            address = reverse("admin:members_member_act", args=[members[0].pk, "restore"])
        messages.info(
            request,
            format_html('{} <a href="{}">{}</a>', _("A slip of the hand?"), address, _("Undo")),
        )

    def show_act(self, request, name, members, skipped, form=None):
        """The page that asks. Under the list it stands in for the list; it posts to its own address."""
        act = ACTS[name]
        if not members:
            told(request, 0, skipped)
            return HttpResponseRedirect(request.get_full_path())
        if form is None:
            form = act.form()
            form.about(members)
        one = members[0] if len(members) == 1 else None
        whom = one or ngettext("%(count)d member", "%(count)d members", len(members)) % {
            "count": len(members)
        }
        arguments = [one.pk, name] if one else [name]
        context = {
            **self.admin_site.each_context(request),
            "title": format_html("{} · {}", act.words, whom),
            "member": one,
            "members": members,
            "skipped": skipped,
            "form": form,
            "words": act.words,
            "note": act.note,
            "opts": self.model._meta,
            "action": reverse(f"admin:members_member_act{'' if one else 's'}", args=arguments),
            "back": reverse("admin:members_member_change", args=[one.pk]) if one else reverse(LIST),
        }
        return TemplateResponse(request, "admin/members/member/act.html", context)
