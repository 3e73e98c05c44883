"""More of what an institution is, its other names, and how a name is found whatever way it is spelled."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

# Lower case, without accents; points and apostrophes go ("M.D."), single letters join ("M D"), all else parts words; short
# forms are written out, and words that everybody leaves out are. A word that is typed is also looked for as it stands,
# because "st" may become "Stanford" yet.
WORDS = """
CREATE FUNCTION search_split(typed text) RETURNS TABLE (word text, written_out text, place bigint)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT split.word, longer.word, split.place
    FROM unnest(regexp_split_to_array(
        regexp_replace(
            regexp_replace(lower(regexp_replace(normalize(typed, NFKD), '[\\u0300-\\u036f]', '', 'g')), '[.''’]', '', 'g'),
            '\\m(\\w)\\s+(?=\\w\\M)', '\\1', 'g'
        ),
        '[\\s!-/:-@\\[-`{-~‐-―‘-‟·]+'
    )) WITH ORDINALITY AS split(word, place)
    LEFT JOIN (VALUES
        ('univ', 'university'), ('uni', 'university'), ('hosp', 'hospital'), ('ctr', 'center'), ('cntr', 'center'),
        ('centre', 'center'), ('cent', 'center'), ('inst', 'institute'), ('med', 'medical'), ('sch', 'school'),
        ('coll', 'college'), ('natl', 'national'), ('intl', 'international'), ('st', 'saint'), ('mt', 'mount'),
        ('ft', 'fort'), ('assoc', 'associates'), ('onc', 'oncology'), ('mem', 'memorial'), ('meml', 'memorial'),
        ('gen', 'general'), ('comm', 'community'), ('dept', 'department'), ('res', 'research'), ('childrens', 'children')
    ) AS longer(short, word) ON longer.short = split.word
    WHERE split.word NOT IN ('', 'the', 'of', 'at', 'and', 'for', 'in');
END;
CREATE FUNCTION search_words(typed text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(string_agg(coalesce(written_out, word), ' ' ORDER BY place), '') FROM search_split(typed));
CREATE FUNCTION search_query(typed text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(string_agg(
        '(' || quote_literal(word) || ':*' || coalesce('|' || quote_literal(written_out) || ':*', '') || ')', '&'
    ), '')::tsquery FROM search_split(typed)
);
"""
BACK = """
DROP FUNCTION search_query(text);
DROP FUNCTION search_words(text);
DROP FUNCTION search_split(text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_erasure'),
    ]

    operations = [
        migrations.RunSQL(WORDS, BACK),
        migrations.CreateModel(
            name='Alias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300)),
                ('words', models.GeneratedField(db_persist=True, expression=models.Func('name', function='search_words'), output_field=models.TextField())),
            ],
            options={
                'verbose_name_plural': 'aliases',
                'ordering': ['name'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='institution',
            name='institution_name_unique_in_country',
        ),
        migrations.AddField(
            model_name='institution',
            name='added_at',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name='institution',
            name='city',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='institution',
            name='degrees',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('MD', 'MD'), ('DO', 'DO')], max_length=2), blank=True, default=list, size=None, verbose_name='degrees of the medical school'),
        ),
        migrations.AddField(
            model_name='institution',
            name='kind',
            field=models.CharField(choices=[('education', 'University or school'), ('healthcare', 'Hospital or health system'), ('practice', 'Practice'), ('facility', 'Research center'), ('company', 'Company'), ('government', 'Government'), ('nonprofit', 'Nonprofit'), ('funder', 'Funder'), ('archive', 'Archive'), ('other', 'Other')], default='other', max_length=20),
        ),
        migrations.AddField(
            model_name='institution',
            name='merged_ror_ids',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=9), blank=True, default=list, editable=False, size=None),
        ),
        migrations.AddField(
            model_name='institution',
            name='ror_id',
            field=models.CharField(blank=True, help_text='Its number in the Research Organization Registry: the nine characters after ror.org/.', max_length=9, verbose_name='ROR id'),
        ),
        migrations.AddField(
            model_name='institution',
            name='set_by_staff',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, default=list, editable=False, size=None),
        ),
        migrations.AddField(
            model_name='institution',
            name='withdrawn',
            field=models.BooleanField(default=False, help_text='Kept for those who are there, and not offered to others.', verbose_name='withdrawn from the registry'),
        ),
        migrations.AddField(
            model_name='institution',
            name='words',
            field=models.GeneratedField(db_persist=True, expression=models.Func('name', function='search_words'), output_field=models.TextField()),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=django.contrib.postgres.indexes.GinIndex(models.Func(models.Func(models.F('words'), models.Value(' '), function='string_to_array'), function='array_to_tsvector'), name='institution_words'),
        ),
        migrations.AddIndex(
            model_name='institution',
            index=models.Index(django.db.models.functions.text.Lower('name'), name='institution_by_name'),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), models.F('country'), django.db.models.functions.text.Lower('city'), condition=models.Q(('ror_id', '')), name='institution_name_unique_in_city', violation_error_message='There is an institution of this name in this city already.'),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.UniqueConstraint(condition=models.Q(('ror_id', ''), _negated=True), fields=('ror_id',), name='institution_ror_id_unique', violation_error_message='There is an institution with this ROR id already.'),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.CheckConstraint(condition=models.Q(('ror_id__regex', '^(0[a-z0-9]{6}[0-9]{2})?$')), name='institution_ror_id_form', violation_error_message='A ROR id is the nine characters after ror.org/, such as 02abcde03.'),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.CheckConstraint(condition=models.Q(('degrees', []), models.Q(('degrees__contained_by', ['MD', 'DO']), ('is_medical_school', True)), _connector='OR'), name='institution_degrees_of_schools', violation_error_message='Degrees belong to medical schools only. Say that it is one, too.'),
        ),
        migrations.AddConstraint(
            model_name='institution',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['education', 'healthcare', 'practice', 'facility', 'company', 'government', 'nonprofit', 'funder', 'archive', 'other'])), name='institution_kind_is_known'),
        ),
        migrations.AddField(
            model_name='alias',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='accounts.institution'),
        ),
        migrations.AddIndex(
            model_name='alias',
            index=django.contrib.postgres.indexes.GinIndex(models.Func(models.Func(models.F('words'), models.Value(' '), function='string_to_array'), function='array_to_tsvector'), name='alias_words'),
        ),
        migrations.AddConstraint(
            model_name='alias',
            constraint=models.UniqueConstraint(models.F('institution'), django.db.models.functions.text.Lower('name'), name='alias_once', violation_error_message='This name is on the list already.'),
        ),
    ]
