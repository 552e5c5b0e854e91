from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from caisu.core.throttling import Limit
from members import exporting, leaving
from members.adapter import STANDING_SALT, STANDING_SECONDS
from members.leaving_form import LeavingForm
from members.models import Departure, Member

from . import appealing, concerning, reporting
from .appeal_form import AppealForm
from .filtering import Contribution, settle_report
from .forms import IssueForm, ReportForm

REPORTS = Limit("report", times=20, seconds=24 * 3600)
ISSUES = Limit("issue", times=5, seconds=3600)
# A campus shares one address.
VISITORS_ISSUES = Limit("visitors-issue", times=20, seconds=3600)


@require_http_methods(["GET", "HEAD", "POST"])
def report_issue(request):
    """“Report an issue”: what is wrong with the site, from anybody."""
    reporter = request.user if request.user.is_authenticated else None
    form = IssueForm(
        request.POST or None, reporter=reporter, initial={"url": request.GET.get("url", "")[:500]}
    )
    if request.method == "POST" and form.is_valid():
        if not form.cleaned_data["website"]:
            if reporter:
                ISSUES.hit(reporter.pk)
            else:
                VISITORS_ISSUES.hit(request.META["REMOTE_ADDR"])
            with transaction.atomic():
                form.instance.case = settle_report(
                    Contribution(
                        reporter, form.all_that_it_says, address=request.META["REMOTE_ADDR"]
                    )
                )
                form.instance.reporter = reporter
                form.instance.language = get_language()
                form.save()
        return redirect("moderation:report_thanks")
    return render(request, "moderation/report.html", {"form": form})


@require_safe
def report_thanks(request):
    return render(request, "moderation/report_thanks.html")


def report_page(request, subject, heading, quoted):
    """A member says what is wrong with something: the page for whatever can be reported.

    Args:
        subject: what the reader may see.
        heading: of the page.
        quoted: what it says, or its title.

    Returns:
        the page; None once that is said, and the caller leads on.

    Raises:
        PermissionDenied: it is the reader's own, or they are not approved yet.
    """
    reader = request.user
    if not subject.is_reportable_by(reader):
        raise PermissionDenied
    form = ReportForm(request.POST if request.method == "POST" else None)
    before = reporting.has_reported(subject, reader)
    if request.method == "POST" and (before or form.is_valid()):
        if not before:
            REPORTS.hit(reader.pk)
            said = form.cleaned_data
            reporting.report(subject, reader, said["reason"], said["text"], get_language())
        thanks = _("Thank you. A moderator looks at it, and you hear what became of it.")
        messages.success(request, _("You have reported this before.") if before else thanks)
        return None
    context = {
        "form": form,
        "heading": heading,
        "quoted": quoted,
        "before": before,
        "back": subject.get_absolute_url(),
    }
    return render(request, "moderation/report_page.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_profile(request, username):
    """A member points at somebody's profile."""
    member = Member.objects.by_handle(username)
    if member is None or not member.is_visible_to(request.user):
        raise Http404
    page = report_page(request, member, _("Report this profile"), member.shown_name)
    return page or redirect(member)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def standing(request, token):
    """Why an account is closed, until when, and how to answer; a link that lives half an hour.

    Nobody is logged in here. The link, given only to who has just proved who they are, also opens
    what is theirs even now: their data, and the way out.
    """
    try:
        pk = signing.loads(token, salt=STANDING_SALT, max_age=STANDING_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    closed = Member.objects.filter(pk=pk, is_active=False).exclude(standing=Member.Standing.LEFT)
    member = closed.first()
    if member is None:
        return redirect("account_login")
    act = request.POST.get("act", "")
    decision = concerning.closing(member)
    form = LeavingForm(request.POST if act == "leave" else None)
    appeal_form = AppealForm(request.POST if act == "appeal" else None)
    if request.method == "POST" and act == "appeal" and decision and appeal_form.is_valid():
        appealing.appeal(decision, member, appeal_form.cleaned_data["text"])
        return redirect("moderation:standing", token=token)
    if request.method == "POST" and act_on_own(member, act, form):
        return redirect("moderation:standing", token=token)
    open_to_appeal = decision is not None and appealing.may_appeal(decision, member)
    context = {
        "member": member,
        "decision": decision,
        "told": concerning.told([decision], member)[0] if decision else None,
        "appeal_form": appeal_form if open_to_appeal else None,
        "state": exporting.state_of(member),
        "form": form,
        "grace": Departure.GRACE.days,
        "token": token,
    }
    response = render(request, "moderation/standing.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def act_on_own(member, act, form):
    """What a closed account leaves to its owner; returns whether that was asked for as it should be."""
    if act == "export":
        exporting.request(member)
    elif act == "stay":
        leaving.stay(member)
    elif act == "leave" and form.is_valid():
        leaving.ask(member, removes_contributions=form.removes)
    else:
        return False
    return True
