"""The rule of which institutions belong together, once, where both queries and the check of pairings use it."""

from django.db import migrations

RELATED = """
CREATE FUNCTION related_institutions(ids bigint[]) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    WITH RECURSIVE
    above AS (
        SELECT id, parent_id FROM accounts_institution WHERE id = ANY(ids)
        UNION
        SELECT up.id, up.parent_id FROM accounts_institution up JOIN above ON up.id = above.parent_id
    ),
    joined AS (
        SELECT id FROM above
        UNION
        SELECT link.to_institution_id FROM accounts_institution_affiliates link JOIN above ON above.id = link.from_institution_id
        UNION
        SELECT link.from_institution_id FROM accounts_institution_affiliates link JOIN above ON above.id = link.to_institution_id
    ),
    related AS (
        SELECT id FROM joined
        UNION
        SELECT down.id FROM accounts_institution down JOIN related ON down.parent_id = related.id
    )
    SELECT id FROM related
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(RELATED, "DROP FUNCTION related_institutions(bigint[])")]
