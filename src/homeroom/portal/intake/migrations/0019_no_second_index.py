"""Drops what Django adds to each unique text for LIKE. Homeroom never searches for the beginning of such a text, and every import writes each index."""

from django.db import migrations

DROP = """DO $$
DECLARE found regclass;
BEGIN
    FOR found IN SELECT i.indexrelid::regclass FROM pg_index i
        JOIN pg_opclass o ON o.oid = i.indclass[0] AND o.opcname IN ('text_pattern_ops', 'varchar_pattern_ops')
        JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('DROP INDEX %s', found);
    END LOOP;
END $$"""


class Migration(migrations.Migration):

    dependencies = [
        ("intake", "0018_what_a_file_says"),
        ("door", "0014_wrong_password"),
        ("grades", "0006_scores_as_they_change"),
        ("roster", "0008_contact_sis_id"),
    ]

    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
