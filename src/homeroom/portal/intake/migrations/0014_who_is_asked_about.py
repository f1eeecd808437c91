from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0013_stale_keys"), ("roster", "0003_narrow_rows")]

    operations = [
        migrations.RemoveConstraint(model_name="question", name="question_once"),
        migrations.AlterField(model_name="question", name="birth_date", field=models.DateField(null=True)),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(
                condition=models.Q(applied_by=None),
                fields=("person", "sourced_id", "given_name", "family_name", "birth_date"),
                name="question_once",
                nulls_distinct=False,
            ),
        ),
    ]
