"""Deliveries and what became of them, the senders' signing keys, and last night's row hashes."""

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
    certificate = models.TextField()  # armoured
    added_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "signer"


STATES = ("arrived", "held", "imported", "refused", "rejected", "undone")
VERDICTS = ("approve", "reject", "undo")


class Delivery(models.Model):
    """One sealed file and its end. state: one of STATES; a held file waits for an administrator's decision."""

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
    reasons = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))  # all that hold it: [[code, numbers], …]
    counts = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # table → new, changed, ended, same, refused
    days = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # file → the first and the last day for which it is complete
    groups = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))  # of refused rows (receipt.groups_of)
    notes = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    files = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))  # file → bulk or delta, as its manifest says
    size = models.BigIntegerField(db_default=0)
    attempts = models.SmallIntegerField(db_default=0)  # imports begun; one that dies of the file itself is not tried for ever
    receipt = models.TextField(db_default="")  # signed, in the transaction that ended the delivery; put in the box after it

    class Meta:
        db_table = "delivery"
        indexes = [  # "as of" of each page; also where a district sends no such table, and every file would be asked for it
            models.Index(fields=["signed_at"], name="delivery_held", condition=models.Q(state="held")),
            models.Index(fields=["signed_at"], name="delivery_imported", condition=models.Q(state="imported")),
            models.Index(fields=["signed_at"], name="delivery_with_scores", condition=models.Q(state="imported", counts__has_key="result")),
            models.Index(fields=["signed_at"], name="delivery_with_marks", condition=models.Q(state="imported", counts__has_key="attendance_mark")),
        ]


class Upload(models.Model):
    """An administrator's leave to send one file by the browser: given by begin_upload(), used up by the delivery that came by it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID())
    by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    delivery = models.OneToOneField(Delivery, null=True, on_delete=models.PROTECT)

    class Meta:
        db_table = "upload"


class Decision(models.Model):
    """What an administrator decided about a delivery. Intake carries it out; answer says why it could not be.

    schools, tables: of an approval in part, what is left out (sourcedIds; names of our tables).
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
    tries = models.SmallIntegerField(db_default=0)  # carryings begun; one that kills its process is not tried for ever

    class Meta:
        db_table = "decision"
        constraints = [
            models.UniqueConstraint(fields=["delivery"], condition=models.Q(done_at=None), name="decision_one_open"),
            models.CheckConstraint(condition=models.Q(verdict__in=VERDICTS), name="decision_verdict_known"),
        ]


ABOUT = ("person", "school", "term", "course", "section")  # in the order in which a change set lists them


class Change(models.Model):
    """What a held file would change about one person, or one place where rows are counted: a school, term, course, class.

    It names and counts; what would become what stands in ChangeDetail. person: None where the file would make one.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID())
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, db_index=False)
    place = models.IntegerField()  # in the delivery's list: people by name, then schools …
    about = models.TextField()  # one of ABOUT
    sourced_id = models.TextField()
    # Unchecked: a newcomer whom an undo takes away again must not be held here by what was said of them.
    person = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    name = models.TextField()
    search = models.TextField()  # names before and after, and the sourcedId, folded
    schools = ArrayField(models.TextField())  # sourcedIds
    marks = ArrayField(models.TextField())  # what filters ask for: "role", "new", "role new"
    counts = models.JSONField()  # "role new" → rows
    stands_out = ArrayField(models.TextField())  # codes of standing_out

    class Meta:
        db_table = "change"
        constraints = [models.UniqueConstraint(fields=["delivery", "place"], name="change_place_once")]
        indexes = [models.Index(fields=["sourced_id"], name="change_of_newcomer", condition=models.Q(person=None))]


class ChangeDetail(models.Model):
    """Old beside new, row by row, as far as they are kept: values of a record, read after a look."""

    change = models.OneToOneField(Change, primary_key=True, on_delete=models.CASCADE)
    rows = models.JSONField()  # [{shape, kind, old, new}, …]

    class Meta:
        db_table = "change_detail"


class ChangeCount(models.Model):
    """How many rows of a kind a held file would add, change or end at one school; school is "" for what is of none."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    shape = models.TextField()  # name of our table
    school = models.TextField()  # sourcedId
    school_title = models.TextField()  # as the file says it: the school may be new
    kind = models.TextField()  # new, changed, going
    rows = models.IntegerField()

    class Meta:
        db_table = "change_count"


class Report(models.Model):
    """A mail to the district's IT contact: what became of a file, or (due_at) that none came by then. Made once, sent once."""

    id = models.AutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.CASCADE)
    state = models.TextField(db_default="")  # of the delivery, which has one report for each
    due_at = models.DateTimeField(null=True, unique=True)
    made_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())  # not tried before
    tries = models.SmallIntegerField(db_default=0)
    handed_at = models.DateTimeField(null=True)  # written before the relay gets its words: from here on it is never sent again
    sent_at = models.DateTimeField(null=True)  # the relay has it
    answer = models.TextField(db_default="")  # the relay's last code, or what kind of trouble

    class Meta:
        db_table = "report"
        constraints = [
            models.UniqueConstraint(fields=["delivery", "state"], name="report_once"),
            models.CheckConstraint(condition=models.Q(delivery=None) ^ models.Q(due_at=None), name="report_about_one"),
        ]


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


class StaleKey(models.Model):
    """Rows of ours that a delta wrote last, and not their own line of the whole table: that line is read again next time, though
    its hash is known. keys: up to a thousand."""

    id = models.BigAutoField(primary_key=True)
    file = models.TextField()
    keys = ArrayField(models.UUIDField())

    class Meta:
        db_table = "stale_key"


class UnreadColumn(models.Model):
    """A column of a file that the district switched off. Written by acts.sql alone; which may be here, formats.choices says."""

    id = models.AutoField(primary_key=True)
    file = models.TextField()
    column_name = models.TextField()
    emptied_at = models.DateTimeField(null=True)  # what was kept of it before is gone

    class Meta:
        db_table = "unread_column"
        constraints = [models.UniqueConstraint(fields=["file", "column_name"], name="unread_column_once")]


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


IMAGE_KINDS = ("begun", "new", "changed", "gone", "filled", "by hand")


class RowImage(models.Model):
    """Rows of one table as they were before an import wrote them, a thousand in one; written by triggers (triggers.sql).

    begun: an import began to write. new, by hand: keys alone. changed, gone: whole rows, as PostgreSQL writes a row.
    filled: the table was empty, and every row of the delivery is new.
    """

    id = models.BigAutoField(primary_key=True)  # in the order of writing
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, db_index=False)  # none: no file wrote it, somebody did
    at = models.DateTimeField()
    kind = models.TextField()
    table_name = models.TextField(db_default="")
    columns = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    rows = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))

    class Meta:
        db_table = "row_image"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=IMAGE_KINDS), name="row_image_kind_known")]


class BucketImage(models.Model):
    """What an import did to row_hashes: to a bucket, pairs added and gone; or the whole bucket as it was, where a file's
    were written anew. No bucket: they were."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT)
    at = models.DateTimeField(db_default=Now())
    file = models.TextField()
    bucket = models.SmallIntegerField(null=True)
    scheme = models.TextField(null=True)  # null: a difference
    pairs = models.BinaryField(default=b"", db_default=b"")
    added = models.BinaryField(default=b"", db_default=b"")
    gone = models.BinaryField(default=b"", db_default=b"")  # of a difference: with keys, as pairs

    class Meta:
        db_table = "bucket_image"
