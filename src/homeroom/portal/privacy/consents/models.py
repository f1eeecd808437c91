"""Opt-outs from directory information, and signed consents. Part of models."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

# What 34 CFR 99.3 and Ed. Code 49061(c) both name and Homeroom holds. Neither has the grade level in both.
CATEGORIES = ("name", "birth date", "email", "phone", "attendance dates")

# What a consent can name. A consent for a tutor has a table of its own (membership/tutors).
RECORDS = ["name", "birth date", "contact details", "grades", "attendance"]


class DirectoryOptOut(models.Model):
    """One person's wish that the school not share one category about a student (34 CFR 99.37, Ed. Code 49073). It counts until that person, or the student at
    18, takes it back."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)  # who opted out
    category = models.TextField()
    asked_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "directory_opt_out"
        constraints = [
            models.CheckConstraint(condition=models.Q(category__in=CATEGORIES), name="directory_category_known"),
            models.UniqueConstraint(fields=["student", "person", "category"], condition=models.Q(ended_at=None), name="directory_opt_out_once"),
        ]


class SignedConsent(models.Model):
    """A signed and dated consent that names the records, the purpose and the recipient, and ends on a day (34 CFR 99.30, Ed. Code 49075). What was signed
    never changes."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    consenter = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    records = ArrayField(models.TextField())
    purpose = models.TextField()
    recipient = models.TextField()
    last_day = models.DateField()
    signature = models.TextField()  # the name, as the consenter typed it
    signed_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "signed_consent"
        constraints = [
            models.CheckConstraint(condition=models.Q(records__contained_by=RECORDS, records__len__gt=0), name="signed_consent_records_known"),
        ]
