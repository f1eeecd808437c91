"""Requests of a family or a student to see a record, if it is closed or for what isn't online. Part of models."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

INSPECTION_STATES = ("waiting", "opened", "on paper", "withdrawn", "closed")


class Inspection(models.Model):
    """A request to inspect and review a student's record (34 CFR 99.10, Ed. Code 49069.7)."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # who asks: an adult with access to the student, or the student
    asked_for = models.TextField(db_default="")  # what they want to see, in their words
    asked_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_default="waiting")
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    open_until = models.DateField(null=True)  # first day on which the record is closed to that person again

    class Meta:
        db_table = "inspection"
        constraints = [
            models.UniqueConstraint(fields=["student", "person"], condition=models.Q(state="waiting"), name="inspection_one_waits"),
            models.CheckConstraint(condition=models.Q(state__in=INSPECTION_STATES), name="inspection_state_known"),
            models.CheckConstraint(condition=models.Q(open_until=None) | models.Q(state="opened"), name="inspection_open_if_opened"),
        ]
