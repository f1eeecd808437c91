"""An index that finds the codes files sent. Its entries have room for 200 letters a word, so longer ones are cut first."""

from django.db import migrations, models

CUT = """UPDATE attendance_mark SET status = left(status, 200), excuse_code = left(excuse_code, 200)
    WHERE length(status) > 200 OR length(excuse_code) > 200"""


class Migration(migrations.Migration):
    dependencies = [("attendance", "0004_as_the_delivery")]
    operations = [
        migrations.RunSQL(CUT, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="attendancemark",
            index=models.Index(fields=["status", "excuse_code", "day"], name="attendance_mark_code_day"),
        ),
        migrations.AddConstraint(
            model_name="attendancecode",
            constraint=models.CheckConstraint(
                condition=models.Q(("excuse__in", [0, 1, 2]), ("presence__in", [0, 1, 2, 3, 4])), name="attendance_code_known"
            ),
        ),
    ]
