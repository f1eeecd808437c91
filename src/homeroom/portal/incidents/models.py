"""Incidents, what is recorded about them, and the letters that were released. Rows are only added.

The district's policy ("Notification of Breach"), Civ. Code 1798.29 and 1798.82, Ed. Code 35266.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

KINDS = (
    "declared", "note", "stage", "triggers", "done", "started earlier", "started later", "hold", "hold ended", "suspect", "cleared", "counted", "set aside",
    "drafted", "released", "reviewed", "contained", "printed", "mailed", "given", "came back", "decided", "notifier",
)  # fmt: skip
STAGES = ("assess", "contain", "notify", "resolve", "review", "closed")
# How a letter reaches its reader. Email: also on the portal. By hand: a student with an alias, or a confidential adult. Undecided: only hidden entries make
# a student affected. District: the district notifies by itself.
CHANNELS = ("portal", "email", "paper", "hand", "undecided", "district")
WAYS = (*CHANNELS, "none")  # none: two administrators decided against it
# There: on the portal. Sending: the relay may have it. Done: handed to the mail, given by hand, or not to be sent.
STATES = ("there", "waiting", "sending", "sent", "printed", "done")
# Each person gets one letter of each. Before there were two notices, a person may have got a first notice again.
NOTICES = ("first notice", "second notice", "first notice again")


class Incident(models.Model):
    """Its title, its start and everything else are in its facts."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(unique=True)
    year = models.SmallIntegerField()
    number = models.SmallIntegerField()

    class Meta:
        db_table = "incident"
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="incident_number_once")]


class Fact(models.Model):
    """One thing that was recorded. The access log has the digest of each row, so `homeroom ledger verify` finds a change."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    what = models.TextField(db_default="")  # the stage, the clock that is done, or the notice
    words = models.TextField(db_default="")
    moment = models.DateTimeField(null=True)  # the start, when something was done, or when a hold ends
    facts = models.JSONField(null=True)  # a suspect's account, a question with its counts, or a letter's text

    class Meta:
        db_table = "incident_fact"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="incident_fact_kind_known")]


class BreachLetter(models.Model):
    """One person's letter of one notice. `children` are the students it is about. `is_own`: it is about the person's own data. The row stays when its person or
    a student is erased, and then has numbers without a person. The access log has one digest over all letters of a release."""

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    release = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+", db_index=False)
    notice = models.TextField()
    person = models.ForeignKey(Person, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    children = ArrayField(models.IntegerField())
    is_own = models.BooleanField()
    channel = models.TextField()  # by which it was released
    way = models.TextField()  # by which it goes now. What bounces goes on paper
    state = models.TextField()
    tries = models.SmallIntegerField(db_default=0)
    next_at = models.DateTimeField(db_default=Now())  # the next try of an email
    answer = models.TextField(db_default="")  # the relay's last code
    batch = models.ForeignKey(Fact, null=True, on_delete=models.PROTECT, related_name="+")  # when it was printed
    proven_at = models.DateTimeField(null=True)  # the relay took it, it was handed to the mail, or it was given by hand
    proven_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    released_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)  # first opened on the portal: the proof of delivery

    class Meta:
        db_table = "breach_letter"
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "notice", "person"], name="breach_letter_one_of_each", condition=models.Q(notice__in=NOTICES[:2])
            ),
            models.CheckConstraint(condition=models.Q(channel__in=CHANNELS), name="breach_letter_channel_known"),
            models.CheckConstraint(condition=models.Q(notice__in=NOTICES), name="breach_letter_notice_known"),
            models.CheckConstraint(condition=models.Q(way__in=WAYS), name="breach_letter_way_known"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="breach_letter_state_known"),
        ]
        indexes = [models.Index(fields=["next_at", "id"], name="breach_letter_to_mail", condition=models.Q(way="email", state__in=("waiting", "sending")))]
