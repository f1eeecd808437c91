"""Erased students, and the legal holds that prevent an erasure. Part of models."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person


class ErasedStudent(models.Model):
    """All that is kept of an erased student: the district's own numbers. Later files are read without rows that have them."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(unique=True)  # the person's UUID. In a backup from before the erasure, the person still has it
    sourced_ids = ArrayField(models.TextField())
    directive = models.TextField()  # where the district keeps its written order
    erased_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "erased_student"


class Hold(models.Model):
    """An order of a court or of the district's lawyer to keep a record. The record isn't erased until the hold ends."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    paper = models.TextField()  # where the order is kept
    placed_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "hold"
        constraints = [models.UniqueConstraint(fields=["student", "paper"], condition=models.Q(ended_at=None), name="hold_once")]
