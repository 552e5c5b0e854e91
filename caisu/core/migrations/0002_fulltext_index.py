from django.db import migrations

# Both databases index core_entry.document by themselves, whichever way a row is written.
#
# SQLite: a contentless FTS5 table, kept by triggers; core_entry_terms() is text.terms(), given to
# each connection. detail=none stores no positions: whole phrases are looked for in the document.
# The ascii tokeniser splits at spaces only, as every other character is beyond ASCII or a letter.
# Note for later migrations: on SQLite, altering core_entry makes the table anew and loses its
# triggers. Run TRIGGERS again after such an operation; a test fails when they are missing.
TABLE = """
CREATE VIRTUAL TABLE core_entry_index
USING fts5(terms, content='', detail=none, columnsize=0, tokenize='ascii')
"""
TRIGGERS = [
    """
    CREATE TRIGGER core_entry_inserted AFTER INSERT ON core_entry WHEN new.document <> '' BEGIN
        INSERT INTO core_entry_index (rowid, terms) VALUES (new.id, core_entry_terms(new.document));
    END
    """,
    """
    CREATE TRIGGER core_entry_deleted AFTER DELETE ON core_entry WHEN old.document <> '' BEGIN
        INSERT INTO core_entry_index (core_entry_index, rowid, terms)
        VALUES ('delete', old.id, core_entry_terms(old.document));
    END
    """,
    """
    CREATE TRIGGER core_entry_left AFTER UPDATE OF document ON core_entry
    WHEN old.document <> '' AND old.document <> new.document BEGIN
        INSERT INTO core_entry_index (core_entry_index, rowid, terms)
        VALUES ('delete', old.id, core_entry_terms(old.document));
    END
    """,
    """
    CREATE TRIGGER core_entry_updated AFTER UPDATE OF document ON core_entry
    WHEN new.document <> '' AND old.document <> new.document BEGIN
        INSERT INTO core_entry_index (rowid, terms) VALUES (new.id, core_entry_terms(new.document));
    END
    """,
]

# PostgreSQL: a GIN index over an expression, so that no second copy of the terms is stored.
# The pairs that begin at even places of each run of Han characters, then those at odd places, the
# first character taken away; words pass through both unchanged, and a tsvector holds a term once.
# Only built-in functions, so that a restore, which has no search path, can build the index.
FUNCTION = r"""
CREATE FUNCTION core_entry_terms(document text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    han text := '[\u3000-\U0010ffff]';
    even text := regexp_replace(document, '(' || han || '{2})', '\1 ', 'g');
    odd text := regexp_replace(document, ' ' || han || '(?=' || han || ')', ' ', 'g');
    title text;
BEGIN
    odd := regexp_replace(odd, '(' || han || '{2})', '\1 ', 'g');
    title := split_part(even, E'\n', 1) || split_part(odd, E'\n', 1);
    title := regexp_replace(title, '([^ ]+)', '·\1', 'g');
    RETURN array_to_tsvector(
        array_remove(string_to_array(replace(even || odd || title, E'\n', ' '), ' '), '')
    );
END
$$
"""
# Without a pending list a search costs the same at all times; the writing is done by a job.
INDEX = """
CREATE INDEX core_entry_index ON core_entry
USING gin (core_entry_terms(document)) WITH (fastupdate = off)
"""


def build(apps, schema_editor):
    engines = {"sqlite": [TABLE, *TRIGGERS], "postgresql": [FUNCTION, INDEX]}
    for statement in engines[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def demolish(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ["inserted", "deleted", "left", "updated"]:
            schema_editor.execute(f"DROP TRIGGER core_entry_{name}")
        schema_editor.execute("DROP TABLE core_entry_index")
    else:
        schema_editor.execute("DROP INDEX core_entry_index")
        schema_editor.execute("DROP FUNCTION core_entry_terms")


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunPython(build, demolish)]
