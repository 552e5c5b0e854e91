from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .colours import SCHEMES, SHEETS, measures, read, tokens
from .samples import staged
from .specimens import components, panels

SIZES = ["--small", "--text", "--reading", "--large", "--h3", "--h2", "--h1"]
SPACES = ["--s1", "--s2", "--s3", "--s4", "--s6", "--s8"]


@require_safe
@never_cache
def styleguide(request):
    """The living page; ``?scheme=light`` or ``dark`` shows one of them alone."""
    asked = request.GET.get("scheme")
    schemes = [asked] if asked in SCHEMES else list(SCHEMES)
    with staged() as stage:
        shown = [
            {
                "key": each.key,
                "title": each.title,
                "wide": each.wide,
                "panels": panels(each, schemes),
            }
            for each in components(request.get_host(), stage)
        ]
    known = tokens(read("site.css"))["light"]
    context = {
        "components": shown,
        "schemes": schemes,
        "one": asked in SCHEMES,
        "sizes": [(name, known[name]) for name in SIZES],
        "spaces": [(name, known[name]) for name in SPACES],
        "sheets": [
            (name, [each for each in measures(name) if each.scheme in schemes]) for name in SHEETS
        ],
    }
    # Not render(): nobody is logged in here, and the page asks for nothing.
    return HttpResponse(render_to_string("styleguide/styleguide.html", context))
