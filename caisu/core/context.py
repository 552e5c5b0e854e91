from .bilingual import active, other
from .models import SiteSettings


def site(request):
    """What every page shows: the settings, and the way to the other language. One cached row."""
    language = active()
    return {
        "site": SiteSettings.load(),
        "language": language,
        "other_language": other(language),
    }
