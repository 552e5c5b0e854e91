from .bilingual import active, other


def languages(request):
    """The language of the page, and the other one."""
    language = active()
    return {"language": language, "other_language": other(language)}
