"""Challenges of an adult's access, and the office's two separate threads about each. Part of models."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

REASONS = ("stranger", "not allowed", "other")
OUTCOMES = ("", "ended", "restored", "set aside")
OPEN = models.Q(decided_at=None)
OF_ONE = models.Q(tie=None) ^ models.Q(registration=None)


class Challenge(models.Model):
    """A challenge of an access or of a request for one. The challenged adult never learns who challenged, or what they wrote (membership/challenges)."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    tie = models.ForeignKey("membership.Tie", null=True, on_delete=models.PROTECT, related_name="+")
    registration = models.ForeignKey("membership.Registration", null=True, on_delete=models.PROTECT, related_name="+")
    challenger = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    challenger_tie = models.ForeignKey("membership.Tie", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # None: the student
    reason = models.TextField()
    words = models.TextField(db_default="")
    asked_at = models.DateTimeField(db_default=Now())
    tie_was = models.TextField(db_default="")  # the access's state before the challenge
    suspended_until = models.DateTimeField(null=True)  # access is closed until then. NULL if it stayed open
    triaged_at = models.DateTimeField(null=True)  # when an administrator first acted on it
    remind_at = models.DateTimeField()  # when administrators of the district are reminded, unless one has acted
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.TextField(db_default="")
    evidence = models.TextField(db_default="")  # how the office checked the adult's identity, as in a registration
    why = models.TextField(db_default="")  # of the person who decided
    leave_at = models.DateTimeField(null=True)  # when the office allowed the challenger another challenge within the year
    leave_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "challenge"
        constraints = [
            models.UniqueConstraint(fields=["tie", "challenger"], condition=OPEN, name="challenge_one_open_of_tie"),
            models.UniqueConstraint(fields=["registration", "challenger"], condition=OPEN, name="challenge_one_open_of_request"),
            models.CheckConstraint(condition=OF_ONE, name="challenge_of_one"),
            models.CheckConstraint(condition=models.Q(reason__in=REASONS), name="challenge_reason_known"),
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="challenge_outcome_known"),
        ]


class ChallengeMessage(models.Model):
    """One message between the office and a challenger, or between the office and the adult of an access or of a request. It has exactly one of the three."""

    id = models.AutoField(primary_key=True)
    challenge = models.ForeignKey(Challenge, null=True, on_delete=models.PROTECT, related_name="+")
    tie = models.ForeignKey("membership.Tie", null=True, on_delete=models.PROTECT, related_name="+")
    registration = models.ForeignKey("membership.Registration", null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_of_office = models.BooleanField()
    words = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "challenge_message"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(challenge__isnull=False, tie=None, registration=None)
                | models.Q(challenge=None, tie__isnull=False, registration=None)
                | models.Q(challenge=None, tie=None, registration__isnull=False),
                name="challenge_message_in_one_thread",
            ),
        ]
