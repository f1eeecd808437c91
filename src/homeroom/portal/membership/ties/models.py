"""Students whose parents' access the district turned off for some time, and contacts that are the same person."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Contact, Person

CLOSED_FOR = ("child protection", "court order", "safety")
JOINED_BY = ("code", "record", "office")


class ClosedToParents(models.Model):
    """Parent access is turned off. Parents' access keeps its state but opens no record, and none is added. The student's own account isn't affected."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    basis = models.TextField()
    words = models.TextField()  # what the family reads, in the office's words
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # the proposer. A second approver confirmed it

    class Meta:
        db_table = "closed_to_parents"
        constraints = [
            models.UniqueConstraint(fields=["student"], condition=models.Q(ended_at=None), name="closed_to_parents_once"),
            models.CheckConstraint(condition=models.Q(basis__in=CLOSED_FOR), name="closed_to_parents_basis_known"),
        ]


class ContactJoin(models.Model):
    """A contact of a student is the same person as an adult, or as another contact of the student. An office confirmed it, or a letter's
    code or the record's own address did when it gave access. An ended row was taken back. A name, phone or address alone never makes one."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="+")
    how = models.TextField()
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "contact_join"
        constraints = [
            models.UniqueConstraint(fields=["contact", "person"], condition=models.Q(ended_at=None), name="contact_join_adult_once"),
            models.CheckConstraint(condition=models.Q(how__in=JOINED_BY), name="contact_join_how_known"),
            models.CheckConstraint(
                condition=models.Q(person=None, other__isnull=False) | models.Q(person__isnull=False, other=None), name="contact_join_of_one"
            ),
        ]
