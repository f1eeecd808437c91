"""Deliveries and what became of them, the senders' signing keys, and last night's row hashes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Signer(models.Model):
    """A key that may sign this portal's files."""

    fingerprint = models.TextField(primary_key=True)  # upper-case hex
    sender = models.TextField()
    certificate = models.TextField()  # armoured
    added_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signer"


class Delivery(models.Model):
    """One sealed file and its end. state: imported, refused (a file on its way has no row, or state arrived)."""

    id = models.AutoField(primary_key=True)
    digest = models.TextField(unique=True)  # SHA-256 of the sealed file, hex
    sender = models.TextField(db_default="")
    signer = models.ForeignKey(Signer, null=True, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)  # the time of the export: "as of"
    ended_at = models.DateTimeField(null=True)  # when it was imported or refused
    state = models.TextField()
    reason = models.TextField(db_default="")
    numbers = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # of a reason: share, limit …
    counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # table → new, changed, ended, same, refused
    notes = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    size = models.BigIntegerField(db_default=0)
    attempts = models.SmallIntegerField(db_default=0)  # imports begun; one that dies of the file itself is not tried for ever
    receipt = models.TextField(db_default="")  # signed, in the transaction that ended the delivery; put in the box after it

    class Meta:
        db_table = "delivery"
        indexes = [models.Index(fields=["signed_at"], name="delivery_imported", condition=models.Q(state="imported"))]  # "as of" of each page


class RefusedRow(models.Model):
    """A row that was left out: where and why, never what it said."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    file = models.TextField()
    line = models.IntegerField()
    column = models.TextField(db_default="")
    reason = models.TextField()

    class Meta:
        db_table = "refused_row"


class RowHashes(models.Model):
    """The last applied file's lines, a bucket a row: (hash of the line, key of its row), 24 bytes each, by hash.

    Written in the transaction that wrote the rows: one that lagged behind would silently leave wrong data.
    """

    id = models.AutoField(primary_key=True)
    file = models.TextField()
    bucket = models.SmallIntegerField()
    scheme = models.TextField()  # hash, seed, header: where it differs, nothing matches and the file is read whole
    pairs = models.BinaryField()
    # Since pairs was last written: an update of these two leaves the 20 times larger one where it lies.
    added = models.BinaryField(default=b"", db_default=b"")
    gone = models.BinaryField(default=b"", db_default=b"")  # hashes alone, 8 bytes each

    class Meta:
        db_table = "row_hashes"
        constraints = [models.UniqueConstraint(fields=["file", "bucket"], name="row_hashes_once")]
