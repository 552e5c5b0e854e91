from django.core import signing
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from caisu.core.throttling import Limit
from members.adapter import STANDING_SALT, STANDING_SECONDS
from members.models import Member

from . import waiting
from .deciding import CLOSING
from .forms import IssueForm
from .models import Case, Decision

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
                form.instance.case = waiting.open_case(Case.Kind.ISSUE, None, reporter, ["issue"])
                form.instance.reporter = reporter
                form.instance.language = get_language()
                form.save()
        return redirect("moderation:report_thanks")
    return render(request, "moderation/report.html", {"form": form})


@require_safe
def report_thanks(request):
    return render(request, "moderation/report_thanks.html")


@never_cache
@require_safe
def standing(request, token):
    """Why an account is closed, until when, and how to answer; a link that lives half an hour."""
    try:
        pk = signing.loads(token, salt=STANDING_SALT, max_age=STANDING_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    member = Member.objects.filter(pk=pk, is_active=False).first()
    if member is None:
        return redirect("account_login")
    decision = Decision.objects.filter(case__member=member, action__in=CLOSING).first()
    response = render(request, "moderation/standing.html", {"member": member, "decision": decision})
    response["Cache-Control"] = "private, no-store"
    return response
