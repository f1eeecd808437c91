"""What undo puts back: rows by triggers once an import has begun to write (triggers.sql), row hashes by what is kept here."""

from homeroom.portal.intake.night import Night
from homeroom.portal.intake.scatter import Rows


def begin_images(night: Night) -> None:
    """Before the first write: what intake writes without it is refused."""
    night.run("SELECT images_begin(%(delivery)s)")


def keep_file(night: Night, file: str) -> None:
    """Before all its buckets, or its fingerprint, are written anew."""
    night.run("INSERT INTO bucket_image (delivery_id, file) VALUES (%(delivery)s, %(file)s)", file=file)
    night.run(
        """INSERT INTO bucket_image (delivery_id, file, bucket, scheme, pairs, added, gone)
            SELECT %(delivery)s, file, bucket, scheme, pairs, added, gone FROM row_hashes WHERE file = %(file)s""",
        file=file,
    )


def keep_difference(night: Night, file: str, bucket: int, added: Rows, gone: Rows) -> None:
    """The 20 times larger bucket itself can be worked out from it."""
    night.connection.execute(
        "INSERT INTO bucket_image (delivery_id, file, bucket, added, gone) VALUES (%s, %s, %s, %b, %b)",
        [night.delivery, file, bucket, added.tobytes(), gone.tobytes()],
    )
