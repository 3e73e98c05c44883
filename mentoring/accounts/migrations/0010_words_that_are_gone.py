"""The words that a misspelled one is taken for are those of names there are, on the list that staff have looked through."""

from django.db import migrations

# Of names that staff have not looked at, nothing is learned: they may be misspelled themselves.
LEARN = """
CREATE OR REPLACE FUNCTION learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'accounts_institution' THEN
        INSERT INTO accounts_word
        SELECT DISTINCT word FROM says, unnest(string_to_array(says.words, ' ')) word
        WHERE says.checked AND length(word) BETWEEN 4 AND 40 ORDER BY word
        ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO accounts_word
        SELECT DISTINCT word FROM says, unnest(string_to_array(says.words, ' ')) word
        WHERE length(word) BETWEEN 4 AND 40 ORDER BY word
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
"""
# Of a word that a name loses, whether any other has it is asked of the index over all names.
FORGET = """
CREATE FUNCTION is_called(sought text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT 1 FROM accounts_institution
    WHERE checked AND array_to_tsvector(string_to_array(words, ' ')) @@ quote_literal(sought)::tsquery
) OR EXISTS (
    SELECT 1 FROM accounts_alias WHERE array_to_tsvector(string_to_array(words, ' ')) @@ quote_literal(sought)::tsquery
);
CREATE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM accounts_word;
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM accounts_word gone USING (
            SELECT DISTINCT unnest(string_to_array(said.words, ' ')) AS word FROM said
        ) lost WHERE gone.word = lost.word AND NOT is_called(lost.word);
    ELSE
        DELETE FROM accounts_word gone USING (
            SELECT unnest(string_to_array(said.words, ' ')) AS word FROM said
            EXCEPT SELECT unnest(string_to_array(says.words, ' ')) FROM says
        ) lost WHERE gone.word = lost.word AND NOT is_called(lost.word);
    END IF;
    RETURN NULL;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER forget_words AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS said FOR EACH STATEMENT EXECUTE FUNCTION forget_words();
CREATE TRIGGER forget_other_words AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS said NEW TABLE AS says FOR EACH STATEMENT EXECUTE FUNCTION forget_words();
CREATE TRIGGER forget_all_words AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION forget_words();
"""
BACK = """
DROP TRIGGER forget_words ON {table};
DROP TRIGGER forget_other_words ON {table};
DROP TRIGGER forget_all_words ON {table};
"""
TABLES = ("accounts_institution", "accounts_alias")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_near_spellings")]
    operations = [
        migrations.RunSQL(LEARN, migrations.RunSQL.noop),
        migrations.RunSQL(FORGET, "DROP FUNCTION forget_words(); DROP FUNCTION is_called(text);"),
        *[migrations.RunSQL(TRIGGERS.format(table=table), BACK.format(table=table)) for table in TABLES],
        migrations.RunSQL("DELETE FROM accounts_word WHERE NOT is_called(word)", migrations.RunSQL.noop),
    ]
