from importlib import import_module

from django.db import migrations

# PostgreSQL pays about 35 bytes for each pair of characters that occurs once or twice in all texts.
# So the second character of a pair is kept as one of 64 classes, which makes the index of a Chinese
# text 1.4 times as large as the text instead of 2.4; the pair itself is looked for in the document.
# The title is now known by its lines, the first and the third, see text.document(); SQLite, whose
# triggers call text.terms(), has nothing to do.
FUNCTION = r"""
CREATE OR REPLACE FUNCTION core_entry_terms(document text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS $$
DECLARE
    han text := '[\u3000-\U0010ffff]';
    lines text[] := string_to_array(document, E'\n');
    title text := concat_ws(' ', lines[1], lines[3]);
    found text[] := '{}';
    part text;
    mark text;
    even text;
    odd text;
    terms text[];
BEGIN
    FOR part, mark IN VALUES (replace(document, E'\n', ' '), ''), (title, '·') LOOP
        even := regexp_replace(part, '(' || han || '{2})', '\1 ', 'g');
        odd := regexp_replace(part, ' ' || han || '(?=' || han || ')', ' ', 'g');
        odd := regexp_replace(odd, '(' || han || '{2})', '\1 ', 'g');
        SELECT array_agg(mark || CASE
                WHEN term COLLATE "C" >= U&'\3000' AND length(term) = 2
                THEN left(term, 1) || chr(256 + ascii(right(term, 1)) % 64) ELSE term END)
            INTO terms FROM unnest(string_to_array(even || ' ' || odd, ' ')) AS term
            WHERE term <> '';
        found := found || terms;
    END LOOP;
    RETURN array_to_tsvector(found);
END
$$
"""


def build(apps, schema_editor):
    change(schema_editor, FUNCTION)


def demolish(apps, schema_editor):
    before = import_module("caisu.core.migrations.0002_fulltext_index")
    change(schema_editor, before.FUNCTION.replace("CREATE", "CREATE OR REPLACE", 1))


def change(schema_editor, function):
    if schema_editor.connection.vendor == "postgresql":
        index = import_module("caisu.core.migrations.0002_fulltext_index").INDEX
        for statement in ("DROP INDEX core_entry_index", function, index):
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("core", "0008_newest_entries")]

    operations = [migrations.RunPython(build, demolish)]
