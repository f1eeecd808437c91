"""Access, restrictions, duties, administrators and proposals. No import ever makes, moves or ends one of them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

from homeroom.portal.membership.challenges.models import Challenge as Challenge
from homeroom.portal.membership.challenges.models import ChallengeMessage as ChallengeMessage
from homeroom.portal.membership.eighteen.models import AgeAgreement as AgeAgreement
from homeroom.portal.membership.eighteen.models import AgeEffect as AgeEffect
from homeroom.portal.membership.eighteen.models import Dependence as Dependence
from homeroom.portal.membership.eighteen.models import Majority as Majority
from homeroom.portal.membership.eighteen.models import PaperNotice as PaperNotice
from homeroom.portal.membership.erasing.models import ErasedStudent as ErasedStudent
from homeroom.portal.membership.erasing.models import Hold as Hold
from homeroom.portal.membership.leaving.models import Inspection as Inspection
from homeroom.portal.membership.requests.models import ContactCode as ContactCode
from homeroom.portal.membership.requests.models import LetterTry as LetterTry
from homeroom.portal.membership.requests.models import Registration as Registration
from homeroom.portal.membership.restore.models import Restoration as Restoration
from homeroom.portal.membership.restore.models import RestorationLine as RestorationLine
from homeroom.portal.membership.restore.narrowing_models import Narrowing as Narrowing
from homeroom.portal.membership.ties.models import ClosedToParents as ClosedToParents
from homeroom.portal.membership.ties.models import ContactJoin as ContactJoin
from homeroom.portal.membership.tutors.models import TutorApplication as TutorApplication
from homeroom.portal.membership.tutors.models import TutorConsent as TutorConsent
from homeroom.portal.membership.tutors.models import TutorRequest as TutorRequest
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
    """An adult's access to a student (34 CFR 99.3 "parent", 99.4). It opens a record only if its state and dates allow it."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    adult = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ties")
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="ties_to")
    kind = models.TextField()
    relation = models.TextField(db_default="")  # mother, father, aunt …: shown to the family
    basis = models.TextField(db_default="")  # code of the paper or rule that it is based on. The paper itself is never kept
    start_date = models.DateField()
    end_date = models.DateField(null=True)  # first day on which it opens no record
    view_kinds = ArrayField(models.TextField())
    may_consent = models.BooleanField(default=False)
    may_correct = models.BooleanField(default=False)
    may_challenge = models.BooleanField(default=False)
    proof = models.TextField()
    state = models.TextField()
    is_confidential = models.BooleanField(default=False)
    is_shut = models.BooleanField(default=False, db_default=False)  # parent access is turned off (closed_to_parents). The state stays as it was
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
    """A court or a law keeps a person from a student's record. It outweighs every role and access. Says where the paper is, never keeps it (34 CFR 99.4)."""

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
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # None: the operator's command
    lifted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # the proposer. A second approver confirmed it

    class Meta:
        db_table = "restriction"


class Duty(models.Model):
    """A duty with dates that the district gave a staff member at a school."""

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
    """An administrator of the district (`school` is None) or of one school."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    school = models.ForeignKey(School, null=True, on_delete=models.PROTECT)
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "administrator"


class BoardSecond(models.Model):
    """A person named by the school board. Answers proposals, proposes nothing, and isn't an administrator."""

    id = models.AutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    start_date = models.DateField()
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "board_second"


class Substitution(models.Model):
    """A staff member takes a class on named days, and sees the students' names on those days, but no grades."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(db_default=RandomUUID(), unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, db_index=False)
    first_day = models.DateField()
    last_day = models.DateField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)  # ended before its last day

    class Meta:
        db_table = "substitution"
        constraints = [models.CheckConstraint(condition=models.Q(first_day__lte=models.F("last_day")), name="substitution_days_in_order")]


class AccountEnd(models.Model):
    """A staff account that an import closed because the person's last role ended. Only an undo of that import opens it again."""

    account = models.OneToOneField("door.Account", primary_key=True, on_delete=models.CASCADE)
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "account_end"


class Proposal(models.Model):
    """An act that needs a second approval, and its result (membership/two_people). No one can change what was proposed.

    States: waiting for a second approval, confirmed while the time lock still runs, under review (it took effect and is still to be reviewed)."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    kind = models.TextField()
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # whom it is about
    school = models.ForeignKey(School, null=True, on_delete=models.PROTECT, related_name="+")  # None: the whole district
    payload = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    state = models.TextField(db_default="waiting")
    lock_until = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # the second approver, or the person who stopped it
    decided_at = models.DateTimeField(null=True)
    words = models.TextField(db_default="")  # of the person who decided
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
