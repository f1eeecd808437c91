"""Tables of the access log. No login can change or remove a row. The sealer adds links to the chain.

The log of who viewed a record, which the family may read: 34 CFR 99.32(a) and (c), Cal. Ed. Code 49064. It includes staff: 34 CFR 99.31(a)(1)(ii).
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One view or change. Only access/request, access/telling and audit write it. They determine the person and the time themselves."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    event = models.TextField()  # look, import, tie made, tie ended …
    act = models.TextField(db_default="")
    # The entry keeps the person even after their row is gone. The chain needs the entries of an erased student.
    person = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    capacity = models.TextField(db_default="")  # family, student, teacher, duty:<duty>, administrator, file, operator
    # A class, and a student below, may be removed when an import is undone. Entries written before that keep them.
    section = models.ForeignKey("roster.Section", null=True, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    reason = models.TextField(db_default="")
    delivery = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, db_index=False)
    session_key = models.BinaryField(null=True)
    xid = models.BigIntegerField()  # of the writing transaction, which can't use its own views
    salt = models.UUIDField(db_default=RandomUUID())

    class Meta:
        db_table = "ledger"
        indexes = [
            models.Index(fields=["xid"], name="ledger_xid"),  # for the sealer's watermark
            models.Index(fields=["person", "at"], name="ledger_viewer", condition=models.Q(event="look")),  # who is affected by one account
            models.Index(fields=["act", "id"], name="ledger_setting", condition=models.Q(event="setting")),  # a few among millions of views
            models.Index(fields=["delivery"], name="ledger_import", condition=models.Q(event="import")),  # whom one file changed
        ]


class EntryStudent(models.Model):
    """A student whom an entry is about, by which tie, and the part of it that concerns this student."""

    id = models.BigAutoField(primary_key=True)
    # The functions that made the entry write it, in one transaction. Checking it again for each of 40,000 students took 0.4 s more per
    # nightly import.
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, db_constraint=False)
    student = models.ForeignKey("roster.Person", on_delete=models.PROTECT, db_index=False, db_constraint=False)
    at = models.DateTimeField()
    kinds = ArrayField(models.TextField())  # kinds of data, from membership.models.KINDS_OF_DATA
    tie = models.ForeignKey("membership.Tie", null=True, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    counts = models.JSONField(null=True)  # for an import: {"scores": 3, "marks": 1}

    class Meta:
        db_table = "ledger_student"
        indexes = [models.Index(fields=["student", "at"], name="ledger_student_at")]


class Link(models.Model):
    """One link of the chain: hash = SHA-256 of the previous hash and the entry."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT)
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_link"


class LookCount(models.Model):
    """What a person viewed in an hour. For a family and a student it is the number of records, with repeats. For staff it is the most people whom they
    had viewed within a day at any moment of the hour. 60 days of it say what their usual day is."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey("roster.Person", on_delete=models.CASCADE, db_index=False)
    hour = models.DateTimeField()
    is_staff = models.BooleanField(db_default=False)
    students = models.IntegerField()

    class Meta:
        db_table = "look_count"
        constraints = [models.UniqueConstraint(fields=["person", "hour", "is_staff"], name="look_count_once")]


class LookStudent(models.Model):
    """When a staff member last viewed a person, or found them in a list. It is kept for a day, for the caps."""

    pk = models.CompositePrimaryKey("person_id", "student_id")
    person = models.ForeignKey("roster.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    student = models.ForeignKey("roster.Person", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "look_student"


class Brake(models.Model):
    """A staff member who viewed unusually many people: since when, and who was notified. One row per person, of the last day that it happened."""

    person = models.OneToOneField("roster.Person", primary_key=True, on_delete=models.CASCADE, related_name="+")
    half_at = models.DateTimeField(null=True)  # at half of the cap
    reached_at = models.DateTimeField(null=True)  # at the cap. A session proven after it goes on
    locked_at = models.DateTimeField(null=True)  # at twice the cap. Another administrator releases it
    mailed_at = models.DateTimeField(null=True)  # the IT contact got an email about reached_at
    capacity = models.TextField(db_default="")  # of that view, which says the limit

    class Meta:
        db_table = "brake"


class CapRaise(models.Model):
    """Another administrator lets a staff member view more people for a day: in advance, or after the brake locked."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey("roster.Person", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    students = models.IntegerField()  # added to the cap
    why = models.TextField()

    class Meta:
        db_table = "cap_raise"
        constraints = [
            models.CheckConstraint(condition=models.Q(students__gt=0, students__lte=5000), name="cap_raise_bounded"),
            models.CheckConstraint(condition=~models.Q(person=models.F("by")), name="cap_raise_of_another"),
        ]


class ViewDay(models.Model):
    """A staff member viewed a student on one of the district's days, by which act, and the last entry about it.

    Pages read this summary, so that their cost doesn't grow with the log. Only the log is the record. This table knows nothing about hidden entries.
    """

    pk = models.CompositePrimaryKey("student_id", "day", "person_id", "act")
    student = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    day = models.DateField()
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    act = models.TextField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    last_at = models.DateTimeField()

    class Meta:
        db_table = "view_day"
        # Days only grow, so this index is a few pages, and a view costs no more. The weekly summary reads seven days.
        indexes = [BrinIndex(fields=["day"], name="view_day_day", autosummarize=True)]


class WithheldEntry(models.Model):
    """A line that a student's family can't read until a day, by decision of two administrators. The line and the chain stay as they are."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    student = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    notes = ArrayField(models.BigIntegerField())  # the lines that say who hid it, hidden for the same time
    basis = models.TextField()
    until = models.DateField()  # first day on which the family can read it again
    withheld_by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    seconded_by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "withheld_entry"
        constraints = [
            models.UniqueConstraint(fields=["student", "entry"], name="withheld_entry_once"),
            models.CheckConstraint(condition=models.Q(basis__in=("child protection", "sealed order", "safety")), name="withheld_entry_basis_known"),
        ]
