from django.core.management import BaseCommand

from members.moderation.filtering import training
from members.moderation.management.reading import labelled


class Command(BaseCommand):
    help = (
        "Teaches the spam classifier labelled texts, in place of those of an earlier time. "
        "What it learned from decisions stays."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", help='JSON lines: {"text": …, "label": "spam" or "ham"}')

    def handle(self, *, file, **options):
        examples = [
            training.Example.of(text, spam) for text, spam in labelled(file, self.stderr.write)
        ]
        for language, model in training.train(examples).items():
            threshold = (
                "too few texts to tell" if model.threshold is None else f"{model.threshold:.3f}"
            )
            self.stdout.write(
                f"{language}: {model.spam} texts of spam, {model.ham} others; threshold: {threshold}"
            )
