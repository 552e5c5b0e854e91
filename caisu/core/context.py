from .bilingual import active, other

# What a reader can choose instead of what the system has.
THEMES = ("light", "dark")
THEME_COOKIE = "theme"


def languages(request):
    """The language of the page, and the other one."""
    language = active()
    return {"language": language, "other_language": other(language)}


def theme(request):
    """The reader's choice between light and dark; empty where the system decides."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return {"theme": chosen if chosen in THEMES else ""}
