"""Keeps what an undo needs. Triggers keep rows once an import begins to write (triggers.sql). This module keeps row hashes."""

from homeroom.portal.intake.night import Night
from homeroom.portal.intake.scatter import Rows


def begin_images(night: Night) -> None:
    """Begins the images of an import. Without it, the database refuses intake's writes."""
    night.run("SELECT images_begin(%(delivery)s)")


def keep_file(night: Night, file: str) -> None:
    """Keeps a file's buckets or fingerprint before they are written anew."""
    night.run("INSERT INTO bucket_image (delivery_id, file) VALUES (%(delivery)s, %(file)s)", file=file)
    night.run(
        """INSERT INTO bucket_image (delivery_id, file, bucket, scheme, pairs, added, gone)
            SELECT %(delivery)s, file, bucket, scheme, pairs, added, gone FROM row_hashes WHERE file = %(file)s""",
        file=file,
    )


def keep_difference(night: Night, file: str, bucket: int, added: Rows, gone: Rows) -> None:
    """Keeps the changes to a bucket. The bucket is 20 times larger and can be restored from them."""
    night.connection.execute(
        "INSERT INTO bucket_image (delivery_id, file, bucket, added, gone) VALUES (%s, %s, %s, %b, %b)",
        [night.delivery, file, bucket, added.tobytes(), gone.tobytes()],
    )
