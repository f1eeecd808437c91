"""Deliveries and their results, the senders' signing keys and the last file's row hashes."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.intake.same_person_models import Answer, FormerId, Merge, MergedRow, Question

__all__ = [
    "Answer", "Decision", "Delivery", "FormerId", "Merge", "MergedRow", "Question", "RefusedRow", "RowHashes", "Signer", "StaleKey", "UnreadColumn",
]  # fmt: skip


class Signer(models.Model):
    """A key that may sign this portal's files."""

    fingerprint = models.TextField(primary_key=True)  # upper-case hex
    sender = models.TextField()
    certificate = models.TextField()  # armored
    added_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signer"


STATES = ("arrived", "held", "imported", "refused", "rejected", "undone")
VERDICTS = ("approve", "reject", "undo")


class Delivery(models.Model):
    """One sealed file and its result. `state` is one of STATES. A file on hold waits for an administrator's decision."""

    id = models.AutoField(primary_key=True)
    digest = models.TextField(unique=True)  # SHA-256 of the sealed file, hex
    sender = models.TextField(db_default="")
    signer = models.ForeignKey(Signer, null=True, on_delete=models.PROTECT)
    received_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)  # the time of the export: "as of"
    ended_at = models.DateTimeField(null=True)  # when it was imported or refused
    state = models.TextField()
    reason = models.TextField(db_default="")
    numbers = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # numbers of the reason: share, limit …
    reasons = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))  # all reasons why it is on hold: [[code, numbers], …]
    counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # table → new, changed, ended, same, refused
    days = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # file → the first and the last day for which it is complete
    groups = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))  # groups of refused rows (receipt.groups_of)
    notes = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    files = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # file → bulk or delta, as its manifest says
    size = models.BigIntegerField(db_default=0)
    attempts = models.SmallIntegerField(db_default=0)  # imports begun, so that a file that kills its import is not tried forever
    receipt = models.TextField(db_default="")  # signed in the transaction that ended the delivery, and put in the outbox after it

    class Meta:
        db_table = "delivery"
        indexes = [  # for each page's "as of". Without them, every file would be read if a district sends no such table
            models.Index(fields=["signed_at"], name="delivery_held", condition=models.Q(state="held")),
            models.Index(fields=["signed_at"], name="delivery_imported", condition=models.Q(state="imported")),
            models.Index(fields=["signed_at"], name="delivery_with_scores", condition=models.Q(state="imported", counts__has_key="result")),
            models.Index(fields=["signed_at"], name="delivery_with_marks", condition=models.Q(state="imported", counts__has_key="attendance_mark")),
        ]


class Upload(models.Model):
    """An administrator's permission to send one file from the browser. begin_upload() gives it, and the delivery uses it up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID())
    by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    delivery = models.OneToOneField(Delivery, null=True, on_delete=models.PROTECT)

    class Meta:
        db_table = "upload"


class Decision(models.Model):
    """An administrator's decision about a delivery. Intake carries it out. `answer` says why it could not.

    `schools` (sourcedIds) and `tables` (names of tables) are left out of an approval in part.
    """

    id = models.AutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT)
    verdict = models.TextField()
    by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    why = models.TextField(db_default="")
    schools = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    tables = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    done_at = models.DateTimeField(null=True)
    answer = models.TextField(db_default="")
    tries = models.SmallIntegerField(db_default=0)  # tries begun, so that a decision that kills its process is not tried forever

    class Meta:
        db_table = "decision"
        constraints = [
            models.UniqueConstraint(fields=["delivery"], condition=models.Q(done_at=None), name="decision_one_open"),
            models.CheckConstraint(condition=models.Q(verdict__in=VERDICTS), name="decision_verdict_known"),
        ]


ABOUT = ("person", "school", "term", "course", "section")  # in the order in which a change set lists them


class Change(models.Model):
    """The changes that a file on hold would make to one person, school, term, course or class.

    It has names and counts. The old and new values are in ChangeDetail. `person` is None if the file would add the person.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, db_index=False)
    place = models.IntegerField()  # order in the delivery's list: people by name, then schools …
    about = models.TextField()  # one of ABOUT
    sourced_id = models.TextField()
    # No constraint, because an undo must be able to remove a newcomer whom a change names.
    person = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    name = models.TextField()
    search = models.TextField()  # old and new names and the sourcedId, without case and accents
    schools = ArrayField(models.TextField())  # sourcedIds
    marks = ArrayField(models.TextField())  # values for filters: "role", "new", "role new"
    counts = models.JSONField()  # "role new" → rows
    stands_out = ArrayField(models.TextField())  # codes of standing_out

    class Meta:
        db_table = "change"
        constraints = [models.UniqueConstraint(fields=["delivery", "place"], name="change_place_once")]
        indexes = [models.Index(fields=["sourced_id"], name="change_of_newcomer", condition=models.Q(person=None))]


class ChangeDetail(models.Model):
    """Old and new values, row by row, as far as they are kept. They are values of a record, so a view is recorded first."""

    change = models.OneToOneField(Change, primary_key=True, on_delete=models.CASCADE)
    rows = models.JSONField()  # [{shape, kind, old, new}, …]

    class Meta:
        db_table = "change_detail"


class ChangeCount(models.Model):
    """The number of rows that a file on hold would add, change or end at one school. `school` is "" for rows of no school."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    shape = models.TextField()  # name of the table
    school = models.TextField()  # sourcedId
    school_title = models.TextField()  # the file's name of the school, which may be new
    kind = models.TextField()  # new, changed, going
    rows = models.IntegerField()

    class Meta:
        db_table = "change_count"


class Report(models.Model):
    """An email to the district's IT contact about a file, or that none came by `due_at`. It is made once and sent once."""

    id = models.AutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.CASCADE)
    state = models.TextField(db_default="")  # the delivery's state. A delivery has one report per state
    due_at = models.DateTimeField(null=True, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())  # not tried before
    tries = models.SmallIntegerField(db_default=0)
    handed_at = models.DateTimeField(null=True)  # set before the relay gets the text. From then on it is never sent again
    sent_at = models.DateTimeField(null=True)  # the relay has it
    answer = models.TextField(db_default="")  # the relay's last code, or the kind of failure

    class Meta:
        db_table = "report"
        constraints = [
            models.UniqueConstraint(fields=["delivery", "state"], name="report_once"),
            models.CheckConstraint(condition=models.Q(delivery=None) ^ models.Q(due_at=None), name="report_about_one"),
        ]


class RefusedRow(models.Model):
    """A row that was left out: where and why, never its values."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    file = models.TextField()
    line = models.IntegerField()
    column = models.TextField(db_default="")
    reason = models.TextField()

    class Meta:
        db_table = "refused_row"


class StaleKey(models.Model):
    """Rows that a delta wrote last, and not their own line of a bulk file. The next bulk file reads that line again, although its
    hash is known. `keys` has up to 1,000."""

    id = models.BigAutoField(primary_key=True)
    file = models.TextField()
    keys = ArrayField(models.UUIDField())

    class Meta:
        db_table = "stale_key"


class UnreadColumn(models.Model):
    """A column of a file that the district turned off. formats.choices lists the possible ones."""

    id = models.AutoField(primary_key=True)
    file = models.TextField()
    column_name = models.TextField()
    emptied_at = models.DateTimeField(null=True)  # when its stored values were removed

    class Meta:
        db_table = "unread_column"
        constraints = [models.UniqueConstraint(fields=["file", "column_name"], name="unread_column_once")]


class RowHashes(models.Model):
    """The last applied file's lines, one bucket per row: (hash of the line, key of its row), 24 bytes each, sorted by hash.

    Written in the transaction that wrote the rows, because older hashes would silently leave wrong data.
    """

    id = models.AutoField(primary_key=True)
    file = models.TextField()
    bucket = models.SmallIntegerField()
    scheme = models.TextField()  # hash, seed, header. If it differs, nothing matches and the file is read whole
    pairs = models.BinaryField()
    # Changes since `pairs` was written. An update of these two does not rewrite `pairs`, which is 20 times larger.
    added = models.BinaryField(default=b"", db_default=b"")
    gone = models.BinaryField(default=b"", db_default=b"")  # only hashes, 8 bytes each

    class Meta:
        db_table = "row_hashes"
        constraints = [models.UniqueConstraint(fields=["file", "bucket"], name="row_hashes_once")]


IMAGE_KINDS = ("begun", "new", "changed", "gone", "filled", "by hand")


class RowImage(models.Model):
    """Rows of one table as they were before an import wrote them, up to 1,000 per image. Triggers write it (triggers.sql).

    Kinds: "begun" marks that an import began to write. "new" and "by hand" have only keys. "changed" and "gone" have whole rows in
    PostgreSQL's text form. "filled" means that the table was empty and every row of the delivery is new.
    """

    id = models.BigAutoField(primary_key=True)  # in order of writing
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, db_index=False)  # None: no import wrote it
    at = models.DateTimeField()
    kind = models.TextField()
    table_name = models.TextField(db_default="")
    columns = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    rows = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))

    class Meta:
        db_table = "row_image"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=IMAGE_KINDS), name="row_image_kind_known")]


class BucketImage(models.Model):
    """Changes of row_hashes by an import: pairs added to and gone from a bucket, or the whole old bucket if a file's buckets were
    written anew. A row without a bucket marks that they were."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT)
    at = models.DateTimeField(db_default=Now())
    file = models.TextField()
    bucket = models.SmallIntegerField(null=True)
    scheme = models.TextField(null=True)  # None: a difference
    pairs = models.BinaryField(default=b"", db_default=b"")
    added = models.BinaryField(default=b"", db_default=b"")
    gone = models.BinaryField(default=b"", db_default=b"")  # in a difference, with keys, in the form of `pairs`

    class Meta:
        db_table = "bucket_image"
