"""How far apart a cycle keeps its mentors and mentees."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0006_answers_first'),
    ]

    operations = [
        migrations.AddField(
            model_name='cycle',
            name='separation',
            field=models.CharField(choices=[('institution', 'From different institutions'), ('country', 'From different countries'), ('region', 'From different regions of the world'), ('none', 'From anywhere, one institution too')], default='institution', max_length=20, verbose_name='mentor and mentee are'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='separation_levels',
            field=models.SmallIntegerField(blank=True, help_text='Empty: the whole family, with affiliates. 0: the same institution only. 1: its parent and the parent’s others too, without affiliates. And so on.', null=True, verbose_name='levels of parents that count as one institution'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.CheckConstraint(condition=models.Q(('separation__in', ['institution', 'country', 'region', 'none'])), name='cycle_separation_is_known'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.CheckConstraint(condition=models.Q(('separation_levels__isnull', True), models.Q(('separation', 'institution'), ('separation_levels__gte', 0), ('separation_levels__lte', 9)), _connector='OR'), name='cycle_levels_are_of_institutions', violation_error_message='Levels of parents are 0 to 9, and empty unless people are from different institutions.'),
        ),
    ]
