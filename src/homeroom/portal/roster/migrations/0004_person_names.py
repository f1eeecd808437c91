"""The index of the words of people's names (access/names)."""

from django.db import migrations

INDEX = r"""CREATE INDEX person_names ON person USING gin (to_tsvector('simple', regexp_replace(regexp_replace(translate(normalize(given_name || ' ' || family_name || ' ' || preferred_given_name || ' ' || preferred_family_name, NFKD), 'đĐłŁøØ', 'dDlLoO'), '[\u0300-\u036f''’]', '', 'g'), '[[:punct:]]+', ' ', 'g')))"""


class Migration(migrations.Migration):

    dependencies = [("roster", "0003_narrow_rows")]

    operations = [migrations.RunSQL(INDEX, "DROP INDEX person_names")]
