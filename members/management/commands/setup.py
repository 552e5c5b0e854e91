import getpass
import os
import secrets
import smtplib
import socket
import ssl
import sys
from email.utils import parseaddr
from pathlib import Path

from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from caisu.core import fulltext, jobs
from caisu.core.models import Page, SiteSettings
from caisu.core.roles import WEBMASTER
from members.models import Appointment, Member, Terms
from members.names import RESERVED, validate_display_name, validate_handle

# Options, and the columns of SiteSettings and of Member that they fill.
SITE_OPTIONS = {
    "name_zh": ("name_zh_hans", "Name of the site in Chinese"),
    "name_en": ("name_en", "Name of the site in English"),
    "short_name": ("short_name", "Short name"),
    "contact": ("contact_email", "Contact address, where members write to"),
}
PERSON_OPTIONS = ("email", "display_name", "language", "password_stdin")
# Without those that are taken for one another when read out.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NO_MAIL = ("filebased.EmailBackend", "console.EmailBackend", "dummy.EmailBackend")


class Command(BaseCommand):
    help = (
        "The first real start of a site: makes the first webmaster, names the site, sends a test "
        "mail and says what is still missing. Asks on a terminal, or takes options. Run again, it "
        "changes only what is given."
    )

    def add_arguments(self, parser):
        parser.add_argument("--username", metavar="HANDLE", help="of the webmaster; “webmaster”")
        parser.add_argument("--email", help="of the webmaster; the test mail goes there")
        parser.add_argument("--display-name", metavar="NAME", help="of the webmaster")
        parser.add_argument(
            "--language", choices=["zh-hans", "en"], help="of mails to the webmaster"
        )
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the webmaster’s password from standard input; else one is made and printed",
        )
        parser.add_argument("--name-zh", metavar="NAME", help="name of the site in Chinese")
        parser.add_argument("--name-en", metavar="NAME", help="name of the site in English")
        parser.add_argument("--short-name", metavar="NAME", help="such as CAISU")
        parser.add_argument("--contact", metavar="EMAIL", help="where members write to")
        parser.add_argument(
            "--from",
            dest="sender",
            metavar="SENDER",
            help="sender of all mails, “Name <name@example.org>”, kept in var/local.env",
        )
        parser.add_argument("--no-mail", action="store_true", help="send no test mail")
        parser.add_argument(
            "--no-input",
            "--noinput",
            action="store_false",
            dest="interactive",
            help="ask nothing",
        )

    def handle(self, **options):
        self.options = options
        self.asking = (
            options["interactive"] and not options["password_stdin"] and sys.stdin.isatty()
        )
        # The checks of forms and models speak the language of this command.
        with override("en"):
            self.check_database()
            self.set_up()

    def set_up(self):
        member, person, password = self.ask_for_webmaster()
        site = self.ask_for_site()
        sender = self.ask_for_sender()
        invented = ""
        if member.pk is None and password is None:
            groups = (
                "".join(secrets.choice(LETTERS) for _letter in range(4)) for _group in range(5)
            )
            password = invented = "-".join(groups)
        with transaction.atomic():
            lines = [*self.save_webmaster(member, person, password), *self.save_site(site)]
        if sender:
            lines.append(self.keep_sender(sender))
        for line in lines:
            self.stdout.write(self.style.SUCCESS(line))
        if invented:
            self.stdout.write(f"Password of {member.username}, shown this once: {invented}")
        trouble = "" if self.options["no_mail"] else self.test_mail(member, sender)
        self.say_what_is_missing()
        self.stdout.write(f"\nLog in at {settings.SITE_URL}/{settings.ADMIN_PATH}")
        if trouble:
            raise CommandError(trouble)

    def check_database(self):
        try:
            executor = MigrationExecutor(connection)
            waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except Error as error:
            raise CommandError(
                f"The database does not answer ({type(error).__name__}). Is DATABASE_URL right?"
            ) from error
        if waiting:
            raise CommandError("The database is not ready. First run: manage.py migrate")

    # --- What is wanted: everything is asked and checked before anything is written

    def given(self, name, question, default, clean):
        """The value of an option; without one, what is typed on a terminal; else ``default``."""
        typed = self.options[name]
        if typed is None:
            return self.ask(question, default, clean) if self.asking else default
        try:
            return clean(typed)
        except ValidationError as error:
            option = "--from" if name == "sender" else "--" + name.replace("_", "-")
            raise CommandError(f"{option} {typed}: {' '.join(error.messages)}") from error

    def ask(self, question, default, clean):
        """Asks until the answer will do; an empty one is the default."""
        while True:
            answer = self.read(f"{question} [{default}]: " if default else f"{question}: ")
            if not answer and default is not None:
                return default
            try:
                return clean(answer)
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))

    def read(self, prompt, secret=False):
        try:
            # A password is taken as it is: a space at its end belongs to it.
            return getpass.getpass(prompt) if secret else input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Stopped. Nothing was changed.") from None

    def ask_for_webmaster(self):
        """The member meant (new ones have no pk), what is to be changed, and a password or None."""
        masters = Member.objects.active().filter(is_superuser=True).order_by("pk")
        names = ", ".join(masters.values_list("username", flat=True))
        asked_for = any(self.options[name] for name in PERSON_OPTIONS)
        if masters.count() > 1 and asked_for and not (self.options["username"] or self.asking):
            raise CommandError(
                f"There are several webmasters: {names}. Say which: --username HANDLE"
            )
        first = masters.first()
        username = self.given(
            "username",
            f"Handle of the webmaster (there are: {names})" if names else "Handle of the webmaster",
            first.username if first else "webmaster",
            clean_handle,
        )
        member = Member.objects.filter(username=username).first() or Member(username=username)
        if member.pk and member.standing != Member.Standing.ACTIVE:
            raise CommandError(
                f"{username} is {member.get_standing_display().lower()} and can be no webmaster. "
                "Decide that in the admin first, or choose another handle."
            )
        person = {
            "email": self.given(
                "email",
                "E-mail of the webmaster",
                member.email or None,
                lambda typed: clean_email(typed, member),
            ),
            "display_name": self.given(
                "display_name",
                "Name shown beside what the webmaster writes",
                member.display_name or "Webmaster",
                clean_display_name,
            ),
            "language": self.given(
                "language",
                "Language of mails to the webmaster, zh-hans or en",
                member.language,
                Member._meta.get_field("language").formfield().clean,
            ),
        }
        if person["email"] is None:
            raise CommandError(
                "There is nobody to ask. Say at least who the webmaster is: --email ADDRESS"
            )
        return member, person, self.ask_for_password(member, person)

    def ask_for_password(self, member, person):
        like = Member(username=member.username, **person)
        if self.options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
            try:
                validate_password(password, like)
            except ValidationError as error:
                raise CommandError(f"--password-stdin: {' '.join(error.messages)}") from error
            return password
        while self.asking:
            empty = "keeps the present one" if member.pk else "has one made for you"
            password = self.read(f"Password (Enter {empty}): ", secret=True)
            if not password:
                break
            try:
                validate_password(password, like)
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))
                continue
            if self.read("The same again: ", secret=True) == password:
                return password
            self.stderr.write("These were two different ones.")
        return None

    def ask_for_site(self):
        site, _created = SiteSettings.objects.get_or_create(pk=1)
        values = {}
        for option, (field, question) in SITE_OPTIONS.items():
            clean = SiteSettings._meta.get_field(field).formfield().clean
            values[field] = self.given(option, question, getattr(site, field), clean)
        return values

    def ask_for_sender(self):
        """A new sender, or nothing."""
        sender = self.given("sender", "Sender of all mails", settings.EMAIL_FROM, clean_sender)
        return sender if self.options["sender"] or sender != settings.EMAIL_FROM else ""

    # --- Writing; each line says what was changed

    def save_webmaster(self, member, person, password):
        made = member.pk is None
        rights = {"is_staff": True, "is_superuser": True, "standing": Member.Standing.ACTIVE}
        changed = [name for name, value in person.items() if getattr(member, name) != value]
        promoted = not made and not (member.is_staff and member.is_superuser)
        for name, value in {**person, **rights}.items():
            setattr(member, name, value)
        if password:
            member.set_password(password)
            changed.append("password")
        try:
            member.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if made or promoted or changed:
            member.save()
            fulltext.refresh(member)
        # It was told on this machine, by whoever runs it: that is proof enough.
        EmailAddress.objects.filter(user=member).exclude(email=member.email).delete()
        EmailAddress.objects.update_or_create(
            user=member, email=member.email, defaults={"primary": True, "verified": True}
        )
        if made or promoted or not member.appointments.filter(role__name=WEBMASTER).exists():
            until = timezone.localdate() + Appointment.USUAL
            Appointment.objects.hold(member, WEBMASTER, until)
        who = f"{member.username} <{member.email}>"
        if made:
            yield f"Webmaster made: {who}"
        elif promoted:
            yield f"{who} is a webmaster now."
        elif changed:
            yield f"Webmaster {who}: changed {', '.join(changed).replace('_', ' ')}."

    def save_site(self, values):
        site, _created = SiteSettings.objects.get_or_create(pk=1)
        changed = {name: value for name, value in values.items() if getattr(site, name) != value}
        if changed:
            for name, value in changed.items():
                setattr(site, name, value)
            site.save()
            names = [str(SiteSettings._meta.get_field(name).verbose_name) for name in changed]
            yield f"Site: changed {', '.join(names)}."

    def keep_sender(self, sender):
        """Writes EMAIL_FROM where the next start reads it, if that is ours to write."""
        path = Path(settings.ENV_FILE) if settings.ENV_FILE else None
        line = f'EMAIL_FROM="{sender}"'
        if path is None or not path.is_file():
            return f"Put this into the environment of server and worker: {line}"
        kept = read_line(path, "EMAIL_FROM")
        if os.environ.get("EMAIL_FROM", kept) != kept:
            return f"EMAIL_FROM comes from the environment, which goes before {path}. Change it there: {line}"
        try:
            write_line(path, "EMAIL_FROM", line)
        except OSError as error:
            return f"{path} cannot be written ({error.strerror}). Put this line there: {line}"
        return f"Sender kept in {path}. Restart server and worker for it."

    # --- Trying, and what is missing

    def test_mail(self, member, sender):
        """Sends one message at once; returns what went wrong, or nothing."""
        sender = sender or settings.DEFAULT_FROM_EMAIL
        site = SiteSettings.load()
        with override(member.language):
            message = EmailMessage(
                _("Mail from %(site)s works") % {"site": site.name},
                _("If you read this, %(url)s can write to its members.")
                % {"url": settings.SITE_URL}
                + "\n",
                sender,
                [member.email],
            )
        try:
            message.send()
        except (OSError, ValueError) as error:
            return (
                f"The test mail to {member.email} was not sent. {reason_of(error)}\n"
                "Set EMAIL_URL (docs/settings.md), then run setup again. Everything else above is kept."
            )
        if settings.EMAIL_BACKEND.endswith(NO_MAIL):
            self.stdout.write(
                "The test mail was written, but not sent: EMAIL_URL names no mail server."
            )
        else:
            self.stdout.write(
                f"A test mail is on its way from {sender} to {member.email}. Look also into the spam folder."
            )
        return ""

    def say_what_is_missing(self):
        lines = list(self.missing())
        if lines:
            self.stdout.write("\nStill missing:")
        for line in lines:
            self.stdout.write(f"  - {line}")
        if connection.vendor == "sqlite":
            self.stdout.write(
                "\nThe database is SQLite, in one file: enough for one server. PostgreSQL: DATABASE_URL."
            )

    def missing(self):
        if settings.DEBUG:
            yield "DEBUG is on: strangers would read our code in error pages. Set DEBUG=off."
        if not settings.HTTPS:
            yield f"SITE_URL is {settings.SITE_URL}. A public site needs SITE_URL=https://…"
        elif not settings.TRUSTED_PROXIES:
            yield (
                "TRUSTED_PROXIES is 0. Behind nginx or Caddy set TRUSTED_PROXIES=1, "
                "or every page leads to itself for ever."
            )
        if settings.EMAIL_BACKEND.endswith(NO_MAIL):
            yield "EMAIL_URL names no mail server: nobody gets a mail, so nobody can sign up."
        elif not os.environ.get("EMAIL_FROM"):
            yield f"EMAIL_FROM is not set; mails come from {settings.EMAIL_FROM}. Set it with --from."
        if not jobs.is_alive():
            yield "No worker is running: mails stay in the queue. systemctl start caisu-worker"
        if not SiteSettings.load().contact_email:
            yield "A contact address: --contact, or in the admin under Site settings."
        if Terms.in_force() is None:
            yield "A user agreement: in the admin under User agreements."
        if not Page.objects.exists():
            yield "Pages such as about, contact and privacy: in the admin under Pages."
        demo = Member.objects.filter(is_staff=True, email__endswith="@example.org", is_active=True)
        for member in demo:
            yield (
                f"{member.username} has an address of the demo, {member.email}, and perhaps the "
                "password that everybody knows. Begin with an empty database."
            )


# --- Checks of what is typed


def clean_handle(typed):
    """A handle that a webmaster may have: also “webmaster”, which nobody can sign up with."""
    validate_handle(typed)
    if typed in RESERVED and typed != "webmaster":
        raise ValidationError(f"“{typed}” is reserved.")
    return typed


def clean_email(typed, member):
    """The address in small letters, as it is compared at login."""
    email = forms.EmailField().clean(typed).lower()
    if Member.objects.filter(email__iexact=email).exclude(pk=member.pk).exists():
        raise ValidationError("This address belongs to another member.")
    return email


def clean_display_name(typed):
    name = " ".join(Member._meta.get_field("display_name").formfield().clean(typed).split())
    validate_display_name(name)
    return name


def clean_sender(typed):
    """“Name <name@example.org>”, in a form that env files and mail headers both keep."""
    name, address = parseaddr(typed)
    whole = f"{name} <{address}>" if name else address
    if typed != whole or not typed.isprintable() or set(name) & set("\"'\\$"):
        raise ValidationError("Write it as Name <name@example.org>, without quotation marks.")
    validate_email(address)
    return typed


# --- var/local.env


def read_line(path, name):
    """The value of one variable in an env file, without its quotation marks, or None."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.removeprefix("export ").startswith(f"{name}="):
            return line.partition("=")[2].strip("\"'")
    return None


def write_line(path, name, new):
    """Puts ``new`` in the place of one variable, or at the end; owner and rights of the file stay."""
    lines = path.read_text(encoding="utf-8").splitlines()
    others = [line for line in lines if not line.removeprefix("export ").startswith(f"{name}=")]
    status = path.stat()
    # A full disk must not cost the secret in the old file.
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join([*others, new]) + "\n")
        file.flush()
        os.fsync(descriptor)
    os.chown(draft, status.st_uid, status.st_gid)
    os.chmod(draft, status.st_mode & 0o777)
    os.replace(draft, path)


# --- What mail servers say, in words


def reason_of(error):
    """What went wrong with a mail, and where to look."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        text = (
            "The mail server refused the user or the password. Many providers want a password made "
            "for this purpose, and in EMAIL_URL characters such as @ : / # must be written as %40 "
            "%3A %2F %23."
        )
    elif isinstance(error, smtplib.SMTPSenderRefused):
        text = "The mail server refused the sender. It must be an address of that account: --from"
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        text = "The mail server refused the recipient, or it passes mail on only after a login."
    elif isinstance(error, socket.gaierror):
        text = "The name of the mail server in EMAIL_URL is not known."
    elif isinstance(error, ssl.SSLError | smtplib.SMTPServerDisconnected):
        text = "No safe connection: smtp+tls:// goes with port 587, smtp+ssl:// with port 465."
    elif isinstance(error, ConnectionError | TimeoutError):
        text = (
            "The mail server does not answer. Check host and port; many providers of servers close "
            "port 25, so use 587 with smtp+tls:// or 465 with smtp+ssl://."
        )
    else:
        text = "The mail server or EMAIL_URL is wrong."
    return f"{text} ({type(error).__name__}: {error})"
