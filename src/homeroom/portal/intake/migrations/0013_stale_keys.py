from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# A key becomes a list of one. So do the images of rows that a bulk file removed, or it could not be undone any more.
MANY = """ALTER TABLE stale_key ALTER COLUMN keys TYPE uuid[] USING ARRAY[keys];
    UPDATE row_image SET columns = ARRAY['id', 'file', 'keys'],
        rows = ARRAY(SELECT regexp_replace(r, ',([0-9a-f-]{36})[)]$', ',{\\1})') FROM unnest(rows) WITH ORDINALITY AS u (r, place) ORDER BY place)
    WHERE table_name = 'stale_key' AND kind = 'gone'"""


class Migration(migrations.Migration):
    dependencies = [('intake', '0012_unread_columns')]

    operations = [
        migrations.RemoveIndex(model_name='stalekey', name='stale_key_file'),
        migrations.RenameField(model_name='stalekey', old_name='key', new_name='keys'),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(MANY)],
            state_operations=[migrations.AlterField(model_name='stalekey', name='keys', field=ArrayField(base_field=models.UUIDField()))],
        ),
    ]
