"""Tutors: applications, requests to families, and the families' signed consents (34 CFR 99.30). Part of models."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person, School

TUTOR_KINDS = ["grades", "attendance"]
APPLICATION_STATES = ("waiting", "approved", "declined", "ended")
TUTOR_REQUEST_STATES = ("waiting", "consented", "declined", "withdrawn", "lapsed")


class TutorApplication(models.Model):
    """An adult's application to the district to be a tutor. After approval the adult may ask families, and still sees nothing."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    organization = models.TextField()
    purpose = models.TextField()
    asked_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_default="waiting")
    evidence = models.TextField(db_default="")  # how the office checked the person's identity: a code, never a paper
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "tutor_application"
        constraints = [models.CheckConstraint(condition=models.Q(state__in=APPLICATION_STATES), name="tutor_application_state_known")]


class TutorRequest(models.Model):
    """A tutor's request to a child's family. The named child may not exist (34 CFR 99.31(c))."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # who asks
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)  # as typed
    child_given_name = models.TextField()
    child_family_name = models.TextField()
    child_birth_date = models.DateField(null=True)  # NULL after it lapsed, when the typed text is deleted
    kinds = ArrayField(models.TextField())
    purpose = models.TextField()
    last_day = models.DateField()
    asked_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_default="waiting")
    matched_at = models.DateTimeField(null=True)  # when records were searched
    student = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # the only student with this name and birth date
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "tutor_request"
        indexes = [models.Index(fields=["id"], condition=models.Q(state="waiting", matched_at=None), name="tutor_request_unmatched")]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=TUTOR_REQUEST_STATES), name="tutor_request_state_known"),
            models.CheckConstraint(condition=models.Q(kinds__contained_by=TUTOR_KINDS, kinds__len__gt=0), name="tutor_request_kinds_known"),
            models.CheckConstraint(condition=models.Q(child_birth_date__isnull=False) | models.Q(state="lapsed"), name="tutor_request_kept_till_lapsed"),
        ]


class TutorConsent(models.Model):
    """A signed and dated consent that names the records, the purpose and the party (34 CFR 99.30). The signed text never changes."""

    tie = models.OneToOneField("membership.Tie", primary_key=True, on_delete=models.PROTECT, related_name="+")  # the access that it gave
    request = models.OneToOneField(TutorRequest, on_delete=models.PROTECT, related_name="+")
    consenter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The consent is valid as long as this access is. None: a student of 18 signed, and it is valid as long as the student has that right.
    consenter_tie = models.ForeignKey("membership.Tie", null=True, on_delete=models.PROTECT, related_name="+")
    organization = models.TextField()
    kinds = ArrayField(models.TextField())
    purpose = models.TextField()
    last_day = models.DateField()
    signature = models.TextField()  # the name, as the consenter typed it
    signed_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # None: a rule ended it

    class Meta:
        db_table = "tutor_consent"
        constraints = [
            models.CheckConstraint(condition=models.Q(kinds__contained_by=TUTOR_KINDS, kinds__len__gt=0), name="tutor_consent_kinds_known"),
        ]
