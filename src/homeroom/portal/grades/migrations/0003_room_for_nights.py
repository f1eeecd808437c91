"""A page of results keeps 5 % free, so that a changed score stays on its page and touches no index (HOT)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grades", "0002_narrow_rows")]
    operations = [
        migrations.RunSQL("ALTER TABLE result SET (fillfactor = 95)", "ALTER TABLE result RESET (fillfactor)")
    ]
