"""Words that institutions are called by, so that a word that was misspelled is taken for the ones it is near to."""

from django.contrib.postgres.operations import CreateExtension, TrigramExtension
from django.db import migrations

# The database learns each word by itself; one that no name has any more does no harm, because nothing is found by it. Words
# of three letters are too near to one another, and nobody types one of more than forty.
WORDS = """
CREATE TABLE accounts_word (word text COLLATE "C" PRIMARY KEY CHECK (length(word) BETWEEN 4 AND 40));
CREATE INDEX word_is_like ON accounts_word USING gin (word gin_trgm_ops);
CREATE FUNCTION learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_word
    SELECT DISTINCT word FROM says, unnest(string_to_array(says.words, ' ')) word
    WHERE length(word) BETWEEN 4 AND 40 ORDER BY word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER learn_new_words AFTER INSERT ON accounts_institution
    REFERENCING NEW TABLE AS says FOR EACH STATEMENT EXECUTE FUNCTION learn_words();
CREATE TRIGGER learn_other_words AFTER UPDATE ON accounts_institution
    REFERENCING NEW TABLE AS says FOR EACH STATEMENT EXECUTE FUNCTION learn_words();
CREATE TRIGGER learn_new_words AFTER INSERT ON accounts_alias
    REFERENCING NEW TABLE AS says FOR EACH STATEMENT EXECUTE FUNCTION learn_words();
CREATE TRIGGER learn_other_words AFTER UPDATE ON accounts_alias
    REFERENCING NEW TABLE AS says FOR EACH STATEMENT EXECUTE FUNCTION learn_words();
INSERT INTO accounts_word
SELECT DISTINCT word
FROM (SELECT words FROM accounts_institution UNION ALL SELECT words FROM accounts_alias) named,
     unnest(string_to_array(words, ' ')) word
WHERE length(word) BETWEEN 4 AND 40;
"""
# As search_query, and each word may also be one that is near: one letter off, two in a word of five or more. A word that
# begins none there is must be misspelled; where there is one like that, the others are taken as they stand.
NEAR = """
CREATE FUNCTION search_near(typed text) RETURNS tsquery LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (
    WITH said AS (
        SELECT word, written_out, place, length(word) BETWEEN 4 AND 40 AS is_word,
               EXISTS (SELECT 1 FROM accounts_word known
                       WHERE known.word BETWEEN split.word AND split.word || U&'\\+10FFFF') AS is_known
        FROM search_split(typed) split
    )
    SELECT coalesce(string_agg(
        '(' || quote_literal(word) || ':*' || coalesce('|' || quote_literal(written_out) || ':*', '')
        || coalesce('|' || meant, '') || ')', '&'
    ), '')::tsquery
    FROM said
    LEFT JOIN LATERAL (
        SELECT string_agg(quote_literal(near.word), '|') AS meant
        FROM (
            SELECT known.word FROM accounts_word known,
                   levenshtein_less_equal(known.word, said.word, CASE WHEN length(said.word) < 5 THEN 1 ELSE 2 END) off
            WHERE said.is_word AND known.word % said.word AND off BETWEEN 1 AND CASE WHEN length(said.word) < 5 THEN 1 ELSE 2 END
              AND (NOT said.is_known OR NOT EXISTS (SELECT 1 FROM said other WHERE other.is_word AND NOT other.is_known))
            ORDER BY off, similarity(known.word, said.word) DESC, known.word LIMIT 10
        ) near
    ) meant ON true
);
"""
BACK = """
DROP FUNCTION search_near(text);
DROP TRIGGER learn_new_words ON accounts_institution;
DROP TRIGGER learn_other_words ON accounts_institution;
DROP TRIGGER learn_new_words ON accounts_alias;
DROP TRIGGER learn_other_words ON accounts_alias;
DROP FUNCTION learn_words();
DROP TABLE accounts_word;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_names_that_begin_so")]
    operations = [
        TrigramExtension(),
        CreateExtension("fuzzystrmatch"),
        migrations.RunSQL([WORDS, NEAR], BACK),
    ]
