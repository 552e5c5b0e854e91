from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect


@login_required
def overview(request):
    """What a member changes most comes first."""
    return redirect("members:edit_profile")
