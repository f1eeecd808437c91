"""A student who is erased at the district's direction, and what forbids it. Part of models; the rules are in membership/erasing."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person


class ErasedStudent(models.Model):
    """All that is left of somebody: the district's own numbers, by which later files are read without their rows."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(unique=True)  # which the person's row had, and has again in a backup from before
    sourced_ids = ArrayField(models.TextField())
    directive = models.TextField()  # where the district keeps its written direction
    erased_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "erased_student"


class Hold(models.Model):
    """While it stands, a record is not erased: a court or the district's counsel wants it kept."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    paper = models.TextField()  # where the order lies
    placed_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "hold"
        constraints = [models.UniqueConstraint(fields=["student", "paper"], condition=models.Q(ended_at=None), name="hold_once")]
