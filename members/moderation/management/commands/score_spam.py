import time

from django.core.management import BaseCommand, CommandError

from members.moderation.filtering import checking, classifier, measuring, rules
from members.moderation.filtering.contribution import Contribution
from members.moderation.filtering.tokens import language_of
from members.moderation.filtering.training import HAM_KEPT
from members.moderation.management.reading import labelled
from members.moderation.models import HouseRules, SpamModel

SHORT = {"en": "en", "zh-hans": "zh"}
# With the rules it may take more of the others: they only wait.
HAM_KEPT_WITH_RULES = 0.97


class Command(BaseCommand):
    help = "Tells how well spam is told from other texts, on labelled texts that were not learned."

    def add_arguments(self, parser):
        parser.add_argument("file", help='JSON lines: {"text": …, "label": "spam" or "ham"}')

    def handle(self, *, file, **options):
        rows = {language: [] for language in SHORT}
        for text, spam in labelled(file, self.stderr.write):
            rows[language_of(text)].append((text, spam))
        models = SpamModel.objects.in_bulk()
        missing = [language for language in SHORT if rows[language] and language not in models]
        if missing:
            raise CommandError(
                f"Nothing was learned in {' and '.join(missing)}. First: manage.py train_spam FILE"
            )
        for language, texts in rows.items():
            if len({spam for _text, spam in texts}) == 2:
                self.tell(models[language], texts)
            else:
                what = "nothing but spam" if texts and texts[0][1] else "no spam"
                self.stdout.write(f"{SHORT[language]}: {what}, {len(texts)} texts")

    def tell(self, model, texts):
        name, off = SHORT[model.language], HouseRules.load().rules_off
        classifier.counts_of(model)  # read once by a process: no text's time
        alone, both, held = [], [], []
        start = time.process_time()
        for text, spam in texts:
            broken = rules.broken(rules.Seen(Contribution(None, text)), off)
            judgement = classifier.judged_by(model, text)
            alone.append((judgement.score, spam))
            both.append((checking.score_of(broken, judgement), spam))
            likely = model.threshold is not None and judgement.score >= model.threshold
            held.append((float(likely or any(rule.strong for rule in broken)), spam))
        each = (time.process_time() - start) * 1000 / len(texts)
        say = self.stdout.write
        say(f"recall@99.5 {name} {measuring.recall_at(alone, HAM_KEPT):.3f}")
        say(f"AUC {name} {measuring.auc(alone):.3f}")
        if model.threshold is None:
            say(f"threshold {name}: too few texts to tell")
        else:
            recall, kept = measuring.at(alone, model.threshold)
            say(f"threshold {name} {model.threshold:.3f}: recall {recall:.3f}, ham kept {kept:.3f}")
        say(f"with rules, recall@97 {name} {measuring.recall_at(both, HAM_KEPT_WITH_RULES):.3f}")
        say(f"with rules, AUC {name} {measuring.auc(both):.3f}")
        recall, kept = measuring.at(held, 1.0)
        say(f"held {name}, of a member: recall {recall:.3f}, ham kept {kept:.3f}")
        say(f"time {name} {each:.2f} ms a text, {len(texts)} texts")
