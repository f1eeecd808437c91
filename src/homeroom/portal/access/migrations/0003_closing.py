"""What changed in a person's ties while a look was running; opening remembers what the look could see."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("access", "0002_opening")]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("person_id", models.IntegerField()),
                ("xid", models.BigIntegerField()),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "db_table": "closing",
                "indexes": [models.Index(fields=["person_id"], name="closing_person")],
            },
        ),
        migrations.RemoveIndex(model_name="opening", name="opening_person"),
        # Rows of the last half minute know no snapshot: better closed than guessed.
        migrations.RunSQL("DELETE FROM opening", migrations.RunSQL.noop),
        migrations.AddField(model_name="opening", name="seen", field=models.TextField(default=None), preserve_default=False),
        migrations.RunSQL("ALTER TABLE closing SET UNLOGGED", "ALTER TABLE closing SET LOGGED"),
    ]
