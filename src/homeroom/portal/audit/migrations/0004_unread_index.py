"""An index that nobody reads any more, since openings have a table of their own; each look wrote it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_settings_found")]
    operations = [migrations.RemoveIndex("entry", "ledger_session_at")]
