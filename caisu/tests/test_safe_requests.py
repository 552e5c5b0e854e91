"""What a link, a program that follows it, or another site's page can do here: nothing.

GET changes nothing, whoever asks; and nothing is written without the token of a form.
"""

from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from caisu.tests import test_addresses
from caisu.tests.stage import Stage, names

READERS = ("anon", "pending", "author", "webmaster")
# The beacon that counts readers; and Google's own button, which brings a token of Google's.
WITHOUT_TOKEN = {"hit", "google_login_by_token"}
# A visit may begin a session, and notes the day of it.
SESSIONS = {"Session", "UserSession"}
# What is looked for is counted, by number alone, after an answer went out.
COUNTS = {"SearchCount"}
VISITS = {"last_seen_on", "last_login"}


def everything():
    """All rows there are, by model."""
    return {
        model._meta.label: set(
            map(
                repr,
                model._base_manager.values_list(
                    *(f.attname for f in model._meta.concrete_fields if f.attname not in VISITS)
                ),
            )
        )
        for model in apps.get_models()
        if model.__name__ not in SESSIONS | COUNTS
    }


class SafeRequestTests(Stage):
    def addresses(self):
        """Name and path of each address: of something that exists, where the matrix knows one."""
        stage = test_addresses.AddressTests
        known = {name: parts for name, (_row, *parts) in stage.READ.items()}
        known |= {name: parts for name, (_row, _form, *parts) in stage.WRITE.items()}
        for name, entry in names(get_resolver()):
            if name in known:
                yield name, self.url(name, *(stage.key(self, part) for part in known[name]))
                continue
            parts = {key: self.carol.pk for key in entry.pattern.converters}
            parts |= {key: "1" for key in entry.pattern.regex.groupindex if key not in parts}
            try:
                yield name, reverse(name, kwargs=parts)
            except NoReverseMatch:  # what the desk has for everything else
                continue

    def test_get_changes_nothing(self):
        before, sent, tried = everything(), len(mail.outbox), 0
        for name, path in self.addresses():
            for role in READERS:
                client = self.proved(self.at(role))
                client.get(path)
                tried += 1
                with self.subTest(name=name, role=role):
                    self.assertEqual(everything(), before)
                    self.assertEqual(len(mail.outbox), sent)
        self.assertGreater(tried, 800)

    def test_nothing_is_written_without_the_token_of_a_form(self):
        free = set()
        for name, path in self.addresses():
            for role in READERS:
                client = Client(enforce_csrf_checks=True)
                client.cookies = self.proved(self.at(role)).cookies
                if client.post(path, {}).status_code != 403:
                    free.add(name)
        self.assertEqual(free, WITHOUT_TOKEN)
