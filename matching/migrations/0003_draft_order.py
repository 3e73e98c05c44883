"""A list that is not handed in is kept as a draft."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_guards")]
    operations = [
        migrations.AddField(
            model_name="preferencelist",
            name="draft",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
    ]
