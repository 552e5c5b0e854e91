"""Catalogues of translations: ``update`` gathers and compiles them, ``check`` proves them complete.

The code is written in English, so the English catalogue repeats its strings; one that reads
differently there is an alias, and is left alone. Chinese is left empty for a translator.
Compiled catalogues (.mo) are committed, because a fresh machine has no gettext.
"""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
PLURALS = {"zh_Hans": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}
DOMAINS = ["django", "djangojs"]
SOURCES = ["caisu", "members", "news", "templates", "static", "locale"]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


def paths(root: Path = ROOT) -> list[Path]:
    return sorted(root.glob("locale/*/LC_MESSAGES/*.po"))


def forms(entry: polib.POEntry) -> list[str]:
    """The translations of an entry: one, or one for each plural form."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def translations(catalogue: polib.POFile | polib.MOFile) -> dict:
    """What a catalogue says, whatever the order and the comments around it."""
    return {(e.msgctxt, e.msgid, e.msgid_plural): forms(e) for e in catalogue.translated_entries()}


def update(root: Path = ROOT) -> None:
    """Gathers all strings below ``root``, repeats them in English, and compiles every catalogue."""
    for language, domain in itertools.product(PLURALS, DOMAINS):
        path = root / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
        if not path.exists():
            begin(path, language)
    for domain in DOMAINS:
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "--verbosity=0", f"--domain={domain}"]
            + [f"--locale={language}" for language in PLURALS]
            + ["--no-obsolete", "--add-location=file", "--no-wrap"]
            + [f"--ignore={pattern}" for pattern in ("var", "vendor", "tests", "docs")],
            cwd=root,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "caisu.tests.settings"},
            check=True,
        )
    for path in paths(root):
        catalogue = polib.pofile(path, wrapwidth=0)
        if path.parent.parent.name == "en":
            repeat(catalogue)
        # It would change each time, though nothing else does.
        catalogue.metadata.pop("POT-Creation-Date", None)
        catalogue.save()
        catalogue.save_as_mofile(path.with_suffix(".mo"))


def begin(path: Path, language: str) -> None:
    """Writes an empty catalogue; gettext's own would be a form to fill in, with English plurals."""
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Project-Id-Version": "CAISU",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    catalogue.save(path)


def repeat(catalogue: polib.POFile) -> None:
    """Fills what is empty, or a guess of gettext's, with the string itself."""
    for entry in catalogue:
        if entry.translated():
            continue
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        entry.previous_msgctxt = entry.previous_msgid = entry.previous_msgid_plural = None
        if entry.msgid_plural:
            entry.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural}
        else:
            entry.msgstr = entry.msgid


def faults(path: Path) -> list[str]:
    """What is wrong in one catalogue and its compiled form."""
    catalogue, found = polib.pofile(path), []
    plurals = int(re.search(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"])[1])
    for entry in catalogue:
        name = f"{path.relative_to(ROOT)}:{entry.linenum}: {entry.msgid!r}"
        allowed = [
            set(PLACEHOLDER.findall(source))
            for source in (entry.msgid, entry.msgid_plural)
            if source
        ]
        if entry.obsolete:
            found.append(f"{name} is used no more")
        elif entry.fuzzy:
            found.append(f"{name} is a guess (fuzzy)")
        elif not all(forms(entry)) or (entry.msgid_plural and len(forms(entry)) != plurals):
            found.append(f"{name} is not translated")
        elif any(set(PLACEHOLDER.findall(form)) not in allowed for form in forms(entry)):
            found.append(f"{name} has other placeholders than its translation")
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or translations(polib.mofile(compiled)) != translations(catalogue):
        found.append(f"{compiled.relative_to(ROOT)} was not compiled from its .po")
    return found


def strays() -> list[str]:
    """Strings of the code that a catalogue lacks, and the reverse: what ``update`` would change."""
    with tempfile.TemporaryDirectory(prefix="caisu-catalogues-") as directory:
        copy = Path(directory)
        for source in SOURCES:
            shutil.copytree(
                ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__")
            )
        update(copy)
        found = []
        for fresh in paths(copy):
            name = fresh.relative_to(copy)
            here, there = (
                {(e.msgctxt, e.msgid, e.msgid_plural) for e in polib.pofile(path)}
                if path.exists()
                else set()
                for path in (ROOT / name, fresh)
            )
            found += [f"{name} lacks {key[1]!r}" for key in sorted(there - here, key=str)]
            found += [
                f"{name} has {key[1]!r}, used no more" for key in sorted(here - there, key=str)
            ]
        return found


def check() -> list[str]:
    found = [fault for path in paths() for fault in faults(path)]
    if shutil.which("xgettext"):
        found += strays()
    elif os.environ.get("CI") == "true":
        found.append("gettext is missing (apt-get install gettext)")
    else:
        print("No gettext here: whether the catalogues lack a string was not looked at.")
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:] == ["check"]:
        if found := check():
            sys.exit("\n".join([*found, "", f"{len(found)} faults. `make messages` gathers anew."]))
        print(f"{len(paths())} catalogues are complete.")
    else:
        sys.exit("usage: python .ci/catalogues.py update|check")
