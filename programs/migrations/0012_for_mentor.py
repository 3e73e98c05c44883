from django.db import migrations, models

# People were told so in the help of a question before there was a field for it. Of every other answer nothing was said.
TOLD = "a mentor who is proposed to you reads it too"
KEEP = f"""
UPDATE programs_question SET for_mentor = true WHERE help LIKE '%{TOLD}%' AND kind NOT IN ('document', 'portrait');
ALTER TABLE programs_wording DISABLE TRIGGER wording_never_changes;
UPDATE programs_wording SET for_mentor = true WHERE part = 'question' AND help LIKE '%{TOLD}%'
    AND kind NOT IN ('document', 'portrait');
ALTER TABLE programs_wording ENABLE TRIGGER wording_never_changes;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0011_preferences_come'),
    ]

    operations = [
        migrations.AddField(
            model_name='question',
            name='for_mentor',
            field=models.BooleanField(default=False, help_text='Applicants are told beside the question who reads their answer. For what is handed in already, what they were told then goes on to count.', verbose_name='the mentor reads this answer'),
        ),
        migrations.AddField(
            model_name='wording',
            name='for_mentor',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('for_mentor', False), models.Q(('kind__in', ['document', 'portrait']), _negated=True), _connector='OR'), name='question_file_is_for_staff', violation_error_message='Files are for staff only, so no mentor reads this answer.'),
        ),
        migrations.AddConstraint(
            model_name='wording',
            constraint=models.CheckConstraint(condition=models.Q(('for_mentor', False), ('part', 'question'), _connector='OR'), name='wording_of_rule_is_for_staff', violation_error_message='No mentor reads what somebody answered to a rule.'),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
