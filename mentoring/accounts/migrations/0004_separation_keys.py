"""Countries with their regions, and the rule of how far apart people are, once, where both queries and guards use it."""

from django.db import migrations, models

import mentoring.accounts.countries

# Keys of institutions, by a cycle's setting: of an institution those of itself and of what stands above it (``levels`` up, or
# all the way), of a country or a region its number. Two institutions are kept apart if they share a key; where the whole
# family counts, one side's keys must be wide: with the affiliates of each.
KEYS = """
CREATE FUNCTION institution_keys(ids bigint[], separation text, levels integer, wide boolean)
RETURNS TABLE (institution bigint, key bigint) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE above AS (
        SELECT id AS base, id, 0 AS level FROM accounts_institution WHERE id = ANY(ids) AND separation = 'institution'
        UNION
        SELECT above.base, here.parent_id, CASE WHEN levels IS NULL THEN 0 ELSE above.level + 1 END
        FROM above JOIN accounts_institution here ON here.id = above.id
        WHERE here.parent_id IS NOT NULL AND (levels IS NULL OR above.level < levels)
    )
    SELECT base, id FROM above
    UNION
    SELECT base, link.to_institution_id
    FROM above JOIN accounts_institution_affiliates link ON link.from_institution_id = above.id
    WHERE wide AND levels IS NULL
    UNION
    SELECT base, link.from_institution_id
    FROM above JOIN accounts_institution_affiliates link ON link.to_institution_id = above.id
    WHERE wide AND levels IS NULL
    UNION
    SELECT id, ascii(country) * 256 + ascii(substr(country, 2)) FROM accounts_institution
    WHERE id = ANY(ids) AND separation = 'country'
    UNION
    SELECT id, region FROM accounts_institution WHERE id = ANY(ids) AND separation = 'region'
$$;
CREATE FUNCTION separation_keys(people bigint[], separation text, levels integer, wide boolean)
RETURNS TABLE (person bigint, key bigint) LANGUAGE sql STABLE AS $$
    SELECT DISTINCT held.person_id, keys.key
    FROM accounts_affiliation held
    JOIN institution_keys(
        ARRAY(SELECT DISTINCT institution_id FROM accounts_affiliation WHERE person_id = ANY(people)),
        separation, levels, wide
    ) keys ON keys.institution = held.institution_id
    WHERE held.person_id = ANY(people)
$$;
"""
BACK = """
DROP FUNCTION separation_keys(bigint[], text, integer, boolean);
DROP FUNCTION institution_keys(bigint[], text, integer, boolean);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_more_of_mentors'),
    ]

    operations = [
        migrations.RunSQL("UPDATE accounts_institution SET country = upper(country)", migrations.RunSQL.noop),
        migrations.AddField(
            model_name='institution',
            name='region',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(country__in=['DZ', 'EG', 'EH', 'LY', 'MA', 'SD', 'TN'], then=models.Value(15)), models.When(country__in=['AO', 'BF', 'BI', 'BJ', 'BW', 'CD', 'CF', 'CG', 'CI', 'CM', 'CV', 'DJ', 'ER', 'ET', 'GA', 'GH', 'GM', 'GN', 'GQ', 'GW', 'IO', 'KE', 'KM', 'LR', 'LS', 'MG', 'ML', 'MR', 'MU', 'MW', 'MZ', 'NA', 'NE', 'NG', 'RE', 'RW', 'SC', 'SH', 'SL', 'SN', 'SO', 'SS', 'ST', 'SZ', 'TD', 'TF', 'TG', 'TZ', 'UG', 'YT', 'ZA', 'ZM', 'ZW'], then=models.Value(202)), models.When(country__in=['AG', 'AI', 'AR', 'AW', 'BB', 'BL', 'BO', 'BQ', 'BR', 'BS', 'BV', 'BZ', 'CL', 'CO', 'CR', 'CU', 'CW', 'DM', 'DO', 'EC', 'FK', 'GD', 'GF', 'GP', 'GS', 'GT', 'GY', 'HN', 'HT', 'JM', 'KN', 'KY', 'LC', 'MF', 'MQ', 'MS', 'MX', 'NI', 'PA', 'PE', 'PR', 'PY', 'SR', 'SV', 'SX', 'TC', 'TT', 'UY', 'VC', 'VE', 'VG', 'VI'], then=models.Value(419)), models.When(country__in=['BM', 'CA', 'GL', 'PM', 'US'], then=models.Value(21)), models.When(country__in=['KG', 'KZ', 'TJ', 'TM', 'UZ'], then=models.Value(143)), models.When(country__in=['CN', 'HK', 'JP', 'KP', 'KR', 'MN', 'MO', 'TW'], then=models.Value(30)), models.When(country__in=['BN', 'ID', 'KH', 'LA', 'MM', 'MY', 'PH', 'SG', 'TH', 'TL', 'VN'], then=models.Value(35)), models.When(country__in=['AF', 'BD', 'BT', 'IN', 'IR', 'LK', 'MV', 'NP', 'PK'], then=models.Value(34)), models.When(country__in=['AE', 'AM', 'AZ', 'BH', 'CY', 'GE', 'IL', 'IQ', 'JO', 'KW', 'LB', 'OM', 'PS', 'QA', 'SA', 'SY', 'TR', 'YE'], then=models.Value(145)), models.When(country__in=['BG', 'BY', 'CZ', 'HU', 'MD', 'PL', 'RO', 'RU', 'SK', 'UA'], then=models.Value(151)), models.When(country__in=['AX', 'DK', 'EE', 'FI', 'FO', 'GB', 'GG', 'IE', 'IM', 'IS', 'JE', 'LT', 'LV', 'NO', 'SE', 'SJ'], then=models.Value(154)), models.When(country__in=['AD', 'AL', 'BA', 'ES', 'GI', 'GR', 'HR', 'IT', 'ME', 'MK', 'MT', 'PT', 'RS', 'SI', 'SM', 'VA', 'XK'], then=models.Value(39)), models.When(country__in=['AT', 'BE', 'CH', 'DE', 'FR', 'LI', 'LU', 'MC', 'NL'], then=models.Value(155)), models.When(country__in=['AU', 'CC', 'CX', 'HM', 'NF', 'NZ'], then=models.Value(53)), models.When(country__in=['FJ', 'NC', 'PG', 'SB', 'VU'], then=models.Value(54)), models.When(country__in=['FM', 'GU', 'KI', 'MH', 'MP', 'NR', 'PW', 'UM'], then=models.Value(57)), models.When(country__in=['AS', 'CK', 'NU', 'PF', 'PN', 'TK', 'TO', 'TV', 'WF', 'WS'], then=models.Value(61)), models.When(country__in=['AQ'], then=models.Value(10))), output_field=models.PositiveSmallIntegerField(null=True)),
        ),
        migrations.AlterField(
            model_name='institution',
            name='country',
            field=models.CharField(choices=mentoring.accounts.countries.choices, default='US', max_length=2),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.CheckConstraint(condition=models.Q(('region__isnull', False)), name='institution_country_on_list', violation_error_message='Choose a country from the list.'),
        ),
        migrations.RunSQL(KEYS, BACK),
    ]
