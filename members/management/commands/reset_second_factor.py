from django.core.management.base import BaseCommand, CommandError

from caisu.core import mail
from members import second_factor, sessions
from members.models import Member


class Command(BaseCommand):
    help = (
        "Takes passkeys, one-time password and recovery codes from somebody who has lost theirs, "
        "and logs them out everywhere. They log in by password or mailed code and set up a new one."
    )

    def add_arguments(self, parser):
        parser.add_argument("username", metavar="HANDLE")

    def handle(self, *, username, **options):
        member = Member.objects.filter(username=username.lower()).first()
        if member is None:
            raise CommandError(f"There is no member “{username}”.")
        if not second_factor.reset(member):
            self.stdout.write(f"{member} has no second factor; nothing was changed.")
            return
        sessions.end_all(member)
        mail.send("members/second_factor_reset", member.email, member.language, member=member)
        self.stdout.write(f"{member} has no second factor any more and is logged out everywhere.")
