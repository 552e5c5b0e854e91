from django import template

from members.notifications import listing

register = template.Library()


@register.inclusion_tag("notifications/_bell.html", takes_context=True)
def bell(context):
    """The way to a member's notifications, with how many are new: one query on each page of theirs."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    count = listing.unseen_count(context["user"])
    return {
        "count": count,
        "shown": f"{listing.MOST}+" if count > listing.MOST else str(count),
        "here": match is not None and match.view_name == "notifications:list",
    }
