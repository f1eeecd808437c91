"""Ties, restrictions, duties, offices, and what two people decide. None of them is ever made, moved or ended by an import."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.membership.age_models import AgeAgreement as AgeAgreement
from homeroom.portal.membership.age_models import AgeEffect as AgeEffect
from homeroom.portal.membership.age_models import Dependence as Dependence
from homeroom.portal.membership.age_models import Majority as Majority
from homeroom.portal.membership.age_models import PaperNotice as PaperNotice
from homeroom.portal.membership.challenge_models import Challenge as Challenge
from homeroom.portal.membership.challenge_models import ChallengeMessage as ChallengeMessage
from homeroom.portal.membership.erasing_models import ErasedStudent as ErasedStudent
from homeroom.portal.membership.erasing_models import Hold as Hold
from homeroom.portal.membership.inspection_models import Inspection as Inspection
from homeroom.portal.membership.keeping_models import ClosedToParents as ClosedToParents
from homeroom.portal.membership.keeping_models import ContactJoin as ContactJoin
from homeroom.portal.membership.narrowing_models import Narrowing as Narrowing
from homeroom.portal.membership.registration_models import ContactCode as ContactCode
from homeroom.portal.membership.registration_models import LetterTry as LetterTry
from homeroom.portal.membership.registration_models import Registration as Registration
from homeroom.portal.membership.restoration_models import Restoration as Restoration
from homeroom.portal.membership.restoration_models import RestorationLine as RestorationLine
from homeroom.portal.membership.tutor_models import TutorApplication as TutorApplication
from homeroom.portal.membership.tutor_models import TutorConsent as TutorConsent
from homeroom.portal.membership.tutor_models import TutorRequest as TutorRequest
from homeroom.portal.roster.models import Person, School, Section

KINDS_OF_DATA = ("grades", "attendance", "contacts", "birth date", "ledger")
TIE_KINDS = (
    "parent",
    "guardian",
    "caregiver by affidavit",
    "foster caregiver",
    "foster agency",
    "caseworker",
    "education-rights holder",
    "conservator",
    "tutor",
)
TIE_STATES = ("requested", "approved", "under challenge", "suspended", "ended")
PROOFS = ("claimed", "code", "in person", "district record", "consent")  # consent: a parent signed it, for a tutor
PROPOSAL_STATES = ("waiting", "confirmed", "under review", "carried out", "reviewed", "objected", "stopped", "withdrawn", "expired", "not possible")


class Tie(models.Model):
    """Joins an adult and a student (34 CFR 99.3 "parent", 99.4). Only one whose state and dates allow it opens anything."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    adult = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ties")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ties_to")
    kind = models.TextField()
    relation = models.TextField(db_default="")  # mother, father, aunt …: shown to the family
    basis = models.TextField(db_default="")  # code of the paper or rule it rests on; the paper itself is never kept
    start_date = models.DateField()
    end_date = models.DateField(null=True)  # first day it no longer opens anything
    view_kinds = ArrayField(models.TextField())
    may_consent = models.BooleanField(default=False)
    may_correct = models.BooleanField(default=False)
    may_challenge = models.BooleanField(default=False)
    proof = models.TextField()
    state = models.TextField()
    is_confidential = models.BooleanField(default=False)
    is_shut = models.BooleanField(default=False, db_default=False)  # by "no parent accounts" (closed_to_parents); the state stays as it was
    created_at = models.DateTimeField(db_default=Now())
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "tie"
        constraints = [
            models.UniqueConstraint(fields=["adult", "student"], condition=~models.Q(state="ended"), name="tie_one_open"),
            models.CheckConstraint(condition=models.Q(kind__in=TIE_KINDS), name="tie_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=TIE_STATES), name="tie_state_known"),
            models.CheckConstraint(condition=models.Q(proof__in=PROOFS), name="tie_proof_known"),
            models.CheckConstraint(condition=models.Q(view_kinds__contained_by=list(KINDS_OF_DATA)), name="tie_views_known"),
            models.CheckConstraint(condition=~models.Q(adult=models.F("student")), name="tie_joins_two"),
        ]


class Restriction(models.Model):
    """A court's or the law's denial: over every hat and every tie. Its effect and dates; where the paper lies, never the paper (34 CFR 99.4)."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="restrictions")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="restrictions_on")
    effect = models.TextField(db_default="no access")
    basis = models.TextField()
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    paper_kept_at = models.TextField(db_default="")
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # nobody: the operator's command
    lifted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # who proposed it; a second agreed

    class Meta:
        db_table = "restriction"


class Duty(models.Model):
    """A named, dated duty that the district gave a person of staff at a school."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    duty = models.TextField()
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "duty"


class Administrator(models.Model):
    """An administrator of the district (school is empty) or of one school."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    school = models.ForeignKey(School, null=True, on_delete=models.PROTECT)
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "administrator"


class BoardSecond(models.Model):
    """A person whom the board named: answers what takes two people, proposes nothing, and is no administrator."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "board_second"


class Substitution(models.Model):
    """Somebody of the staff stands in for a class's teacher on named days: reads the names of its students on these, and no grade."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, db_index=False)
    first_day = models.DateField()
    last_day = models.DateField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)  # taken back before its last day

    class Meta:
        db_table = "substitution"
        constraints = [models.CheckConstraint(condition=models.Q(first_day__lte=models.F("last_day")), name="substitution_days_in_order")]


class AccountEnd(models.Model):
    """A staff account that an import closed with its person's last role: what that import's undo opens again, and nothing else."""

    account = models.OneToOneField("door.Account", primary_key=True, on_delete=models.CASCADE)
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "account_end"


class Proposal(models.Model):
    """An act that takes a second person: as it was proposed, which nobody changes, and what became of it (membership/two_people).

    waiting: for a second. confirmed: by one, and the time lock still runs. under review: it went at once, and a second looks at it.
    """

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    kind = models.TextField()
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # whom it is about
    school = models.ForeignKey(School, null=True, on_delete=models.PROTECT, related_name="+")  # empty: the whole district's
    payload = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_default="waiting")
    lock_until = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # the second, or who stopped it
    decided_at = models.DateTimeField(null=True)
    words = models.TextField(db_default="")  # of whoever decided
    ended_at = models.DateTimeField(null=True)
    board_told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "proposal"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "person", "payload"], condition=models.Q(state__in=["waiting", "confirmed"]), name="proposal_open_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=models.Q(state__in=PROPOSAL_STATES), name="proposal_state_known"),
            models.CheckConstraint(condition=~models.Q(decided_by=models.F("proposed_by")) | models.Q(state="withdrawn"), name="proposal_by_two"),
        ]
