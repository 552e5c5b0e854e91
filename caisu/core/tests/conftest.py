import pytest
from django.urls import reverse

from caisu.tests.cast import make_member


@pytest.fixture
def root(site):
    """The webmaster at the desk."""
    return make_member("root", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(visit, client, settings, root):
    """Opens the form of a page as a webmaster: ``desk()`` gives the page of the browser.

    Args of what it returns: ``language``; ``prepare``, called with the page before it goes there;
    others as for ``visit``.
    """
    client.force_login(root)

    def open_desk(language="en", prepare=None, **options):
        page = visit(locale="en-US" if language == "en" else "zh-CN", **options)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.LANGUAGE_COOKIE_NAME: language}
        page.goto("/robots.txt")
        page.context.add_cookies(
            [{"name": name, "value": value, "url": page.url} for name, value in cookies.items()]
        )
        if prepare:
            prepare(page)
        page.goto(reverse("admin:core_page_add"))
        return page

    return open_desk
