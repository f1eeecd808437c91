"""Requests to correct a record. Part of models."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

STATES = ("waiting", "agreed", "refused", "hearing", "upheld", "corrected", "withdrawn", "closed")
OPEN = ("waiting", "hearing")
# What may be wrong. A class grade, a score and an attendance mark have a row.
WITH_ROW = ("class grade", "score", "attendance")
ABOUT = ("first name", "middle name", "last name", "birth date", "grade level", *WITH_ROW, "other")
# The grounds of Ed. Code 49070(a), in its order.
GROUNDS = ("inaccurate", "unsupported", "outside competence", "not observed", "misleading", "privacy")


class Correction(models.Model):
    """A request to correct one value of a student's record (34 CFR 99.20, Ed. Code 49070). The district's system keeps the record, so it is
    corrected there, and an import brings the value."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # who asks
    about = models.TextField()
    of_row = models.UUIDField(null=True)  # of result or attendance_mark. No foreign key, because a file may end the row
    called = models.TextField(db_default="")  # the class of the row, with its work
    day = models.DateField(null=True)  # of the mark, or on which the work was due
    value_was = models.TextField(db_default="")  # on the day of the request
    value_wanted = models.TextField()
    ground = models.TextField()
    why = models.TextField()
    asked_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_default="waiting")
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(db_default="")  # the office's reasons
    heard = models.TextField(db_default="")  # what the teacher said about a grade (Ed. Code 49066)
    value_agreed = models.TextField(db_default="")
    corrected_at = models.DateTimeField(null=True)  # when an import brought the agreed value
    # The hearing after a refusal (34 CFR 99.21, Ed. Code 49070). It is on paper, and these are its dates and outcome.
    hearing_asked_at = models.DateTimeField(null=True)
    hearing_on = models.DateField(null=True)
    hearing_place = models.TextField(db_default="")  # and the time of day, as typed
    hearing_said = models.TextField(db_default="")  # the decision with its reasons
    hearing_done_at = models.DateTimeField(null=True)
    # What the person who asked wants everyone to read next to the value (34 CFR 99.21(b), Ed. Code 49070). It never changes.
    statement = models.TextField(db_default="")
    statement_at = models.DateTimeField(null=True)
    hearing_noted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "correction"
        indexes = [
            models.Index(fields=["student"], condition=~models.Q(statement=""), name="correction_stated"),
            models.Index(fields=["state"], name="correction_state"),  # the clock asks for the open ones each minute
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "person", "about", "of_row"], condition=models.Q(state__in=OPEN, about__in=ABOUT[:-1]), nulls_distinct=False,
                name="correction_one_waits",
            ),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="correction_state_known"),
            models.CheckConstraint(condition=models.Q(about__in=ABOUT), name="correction_about_known"),
            models.CheckConstraint(condition=models.Q(ground__in=GROUNDS), name="correction_ground_known"),
            models.CheckConstraint(condition=models.Q(statement="") ^ models.Q(statement_at__isnull=False), name="correction_statement_has_its_day"),
            models.CheckConstraint(condition=models.Q(of_row=None) ^ models.Q(about__in=WITH_ROW), name="correction_has_its_row"),
        ]  # fmt: skip
