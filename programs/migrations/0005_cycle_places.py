from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programs", "0004_rule_kinds_and_examples"),
    ]

    operations = [
        migrations.AddField(
            model_name="cycle",
            name="places",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="0 for no limit. Releasing decisions warns when more are accepted than there are places.",
                verbose_name="places for mentees",
            ),
        ),
        migrations.AlterField(
            model_name="cycle",
            name="term_begins_words",
            field=models.CharField(
                blank=True,
                help_text='What people are told until the day is sure, as in "Summer 2027".',
                max_length=60,
                verbose_name="when the term begins, in words",
            ),
        ),
    ]
