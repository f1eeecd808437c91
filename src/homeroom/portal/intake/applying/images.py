"""Keeps what an undo needs. Triggers keep rows once an import begins to write (triggers.sql). This module keeps row hashes."""

from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.scatter import Rows


def begin_images(sql: ImportSql) -> None:
    """Begins the images of an import. Without it, the database refuses intake's writes."""
    sql.run("SELECT images_begin(%(delivery)s)")


def keep_file(sql: ImportSql, file: str) -> None:
    """Keeps a file's buckets or fingerprint before they are written anew."""
    sql.run("INSERT INTO bucket_image (delivery_id, file) VALUES (%(delivery)s, %(file)s)", file=file)
    sql.run(
        """INSERT INTO bucket_image (delivery_id, file, bucket, scheme, pairs, added, gone)
            SELECT %(delivery)s, file, bucket, scheme, pairs, added, gone FROM row_hashes WHERE file = %(file)s""",
        file=file,
    )


def keep_difference(sql: ImportSql, file: str, bucket: int, added: Rows, gone: Rows) -> None:
    """Keeps the changes to a bucket. The bucket is 20 times larger and can be restored from them."""
    sql.connection.execute(
        "INSERT INTO bucket_image (delivery_id, file, bucket, added, gone) VALUES (%s, %s, %s, %b, %b)",
        [sql.delivery, file, bucket, added.tobytes(), gone.tobytes()],
    )
