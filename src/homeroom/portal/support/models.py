"""Supporters, what two administrators granted, and the sessions and views that rest on it."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

MOST_STUDENTS = 20
LONGEST = timedelta(hours=4)


class Supporter(models.Model):
    """A named person who gives support. Supporters are not people of the district and have no account, only a passkey, made with a one-use code."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    name = models.TextField()
    added_at = models.DateTimeField(db_default=Now())
    code = models.BinaryField(null=True, unique=True)  # its hash, until it is used
    code_until = models.DateTimeField(null=True)
    credential_id = models.BinaryField(null=True, unique=True)
    attested = models.BinaryField(null=True)  # public key with its id, as the device gave it
    sign_count = models.BigIntegerField(db_default=0)
    registered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "supporter"


class SupportGrant(models.Model):
    """A permission of two administrators for one supporter. Pages name `students` by their place in it, such as "Student 3"."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    supporter = models.ForeignKey(Supporter, on_delete=models.PROTECT)
    proposal = models.OneToOneField("membership.Proposal", on_delete=models.PROTECT, related_name="+")
    students = ArrayField(models.IntegerField())  # no foreign key, since an import may be undone
    began_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # if it ended early
    ended_by = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    words = models.TextField(db_default="")  # of the person who ended it

    class Meta:
        db_table = "support_grant"
        constraints = [
            models.CheckConstraint(condition=models.Q(students__len__lte=MOST_STUDENTS), name="support_grant_students_few"),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("began_at"), until__lte=models.F("began_at") + LONGEST), name="support_grant_short"
            ),
        ]


class SupportSession(models.Model):
    """One sign-in of a supporter. `key` is like a session's. It lasts no longer than its grant."""

    key = models.BinaryField(primary_key=True)
    grant = models.ForeignKey(SupportGrant, on_delete=models.PROTECT)
    began_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "support_session"


class SupportOpening(models.Model):
    """Holds what a supporter's view opened, for 30 s: one student of the grant, masked. Only acts.sql writes it."""

    entry = models.OneToOneField("audit.Entry", primary_key=True, on_delete=models.CASCADE, db_constraint=False)
    session_key = models.BinaryField()
    number = models.SmallIntegerField()  # the student's, in the grant
    student_id = models.IntegerField()
    xid = models.BigIntegerField()  # of the view, which gives no access in its own transaction
    until = models.DateTimeField()

    class Meta:
        db_table = "support_opening"
        indexes = [models.Index(fields=["session_key", "until"], name="support_opening_session_until")]
