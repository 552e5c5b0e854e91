from importlib import import_module

from django.db import migrations

# How titles sound makes many terms that occur once. An index keeps them by their first six letters
# and not a second time for the title, which alone has any, see text.terms(); what is longer is looked
# for in the document. The cost is lower because PostgreSQL charges it for each row that the index
# finds too, and compiles what seems dear.
FUNCTION = r"""
CREATE OR REPLACE FUNCTION core_entry_terms(document text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
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
                WHEN left(term, 1) = '♪' THEN left(term, 7)
                WHEN term COLLATE "C" >= U&'\3000' AND length(term) = 2
                THEN left(term, 1) || chr(256 + ascii(right(term, 1)) % 64) ELSE term END)
            INTO terms FROM unnest(string_to_array(even || ' ' || odd, ' ')) AS term
            WHERE term <> '' AND NOT (mark = '·' AND left(term, 1) = '♪');
        found := found || terms;
    END LOOP;
    RETURN array_to_tsvector(found);
END
$$
"""
# A table without contents forgets only all of its terms at once.
AGAIN = [
    "INSERT INTO core_entry_index (core_entry_index) VALUES ('delete-all')",
    """
    INSERT INTO core_entry_index (rowid, terms)
    SELECT id, core_entry_terms(document) FROM core_entry WHERE document <> ''
    """,
]


def build(apps, schema_editor):
    change(schema_editor, FUNCTION)


def demolish(apps, schema_editor):
    change(schema_editor, before.FUNCTION)


def change(schema_editor, function):
    before.change(schema_editor, function)
    if schema_editor.connection.vendor == "sqlite":
        for statement in AGAIN:
            schema_editor.execute(statement, params=None)


before = import_module("caisu.core.migrations.0009_terms_in_classes")


class Migration(migrations.Migration):
    dependencies = [("core", "0009_terms_in_classes")]

    operations = [migrations.RunPython(build, demolish)]
