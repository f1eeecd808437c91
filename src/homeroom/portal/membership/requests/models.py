"""Requests: what parents typed about a child or students about themselves, and the office's answer. Part of models."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Contact, Person, School

# self: a student requests an account
RELATIONS = ("mother", "father", "parent", "guardian", "grandmother", "grandfather", "aunt", "uncle", "relative", "self")
WAYS = ("office", "post", "child")  # how a letter reaches its contact
REGISTRATION_STATES = ("waiting", "approved", "declined", "withdrawn", "lapsed")


class ContactCode(models.Model):
    """A one-use code in a letter to a contact of a student. It identifies both, and proves only that the person has the letter."""

    id = models.AutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(unique=True)  # letters.code.digest. The code itself is only on paper
    way = models.TextField()
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # another one was printed

    class Meta:
        db_table = "contact_code"
        constraints = [models.CheckConstraint(condition=models.Q(way__in=WAYS), name="contact_code_way_known")]


class LetterTry(models.Model):
    """A code that a signed-in person typed and that no letter has. Five a day are allowed."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "letter_try"


class Registration(models.Model):
    """A parent's request to see a child's record, or a student's request for an account. The named child may not exist (34 CFR 99.31(c))."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # who asks
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)  # as typed, and as shown to the requester
    office = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)  # the school that answers
    child_given_name = models.TextField()
    child_family_name = models.TextField()
    child_birth_date = models.DateField(null=True)  # NULL after it lapsed or was withdrawn, when the typed text is deleted
    relation = models.TextField()
    phone = models.TextField(db_default="")
    asked_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_default="waiting")
    matched_at = models.DateTimeField(null=True)  # when records were last searched
    student = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # the only student with this name and birth date
    is_exact = models.BooleanField(db_default=False)  # it matches the record: is_vouched_for() of membership/requests
    contact_code = models.OneToOneField(ContactCode, null=True, on_delete=models.PROTECT, related_name="+")  # which the requester typed
    evidence = models.TextField(db_default="")  # how the office checked the person's identity: a code, never a paper
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "registration"
        indexes = [
            models.Index(fields=["state", "office", "is_exact", "id"], name="registration_queue"),
            models.Index(fields=["id"], condition=models.Q(state="waiting", matched_at=None), name="registration_unmatched"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(relation__in=RELATIONS), name="registration_relation_known"),
            models.CheckConstraint(condition=models.Q(state__in=REGISTRATION_STATES), name="registration_state_known"),
            models.CheckConstraint(
                condition=models.Q(child_birth_date__isnull=False) | models.Q(state__in=("lapsed", "withdrawn")), name="registration_kept_till_lapsed"
            ),
        ]
