"""Scripts under names that change with their content, and what they import with them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from caisu.core.static_files import Storage

STATIC = Path(settings.BASE_DIR) / "static"
# Wider than what is hashed, so that an import of another shape is found out.
ADDRESS = re.compile(
    r"""^(?:import\b[^;'"(]*|export\b[^;'"(]*\bfrom\s*)["']([^"']+)["']""", re.MULTILINE
)


def collect(into, names):
    """Name → hashed name of files that lie in ``into``."""
    source = FileSystemStorage(into)
    storage = Storage(location=into, base_url="/static/")
    found = {}
    for name, hashed, processed in storage.post_process({name: (source, name) for name in names}):
        if isinstance(processed, Exception):
            raise processed
        if not hashed.endswith((".gz", ".br")):
            found[name] = hashed
    return found


def test_our_modules_import_one_another_by_hashed_names(tmp_path):
    names = [str(path.relative_to(STATIC)) for path in (STATIC / "js").rglob("*.js")]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((STATIC / name).read_bytes())
    hashed, imports = collect(tmp_path, names), 0
    for name in names:
        for address in ADDRESS.findall((tmp_path / hashed[name]).read_text()):
            imports += 1
            assert re.search(r"\.[0-9a-f]{12}\.js$", address), (name, address)
            assert ((tmp_path / name).parent / address).is_file()
    assert imports >= 8


def test_import_of_what_is_not_there_is_found_out(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "js/a.js").write_text('import { b } from "./b.js";\n')
    with pytest.raises(ValueError, match=re.escape("js/b.js")):
        collect(tmp_path, ["js/a.js"])


def test_what_others_wrote_stays_as_it_is(tmp_path):
    (tmp_path / "editor").mkdir()
    text = 'const words = `import { b } from "./b.js";`;\n'
    (tmp_path / "editor/bundle.js").write_text(text)
    hashed = collect(tmp_path, ["editor/bundle.js"])["editor/bundle.js"]
    assert (tmp_path / hashed).read_text() == text
