"""Rights transfer at 18: the day, its effect on each access, and why an adult keeps access. Part of models."""

from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

DEPENDENCE_BASES = ("tax return", "parent statement", "student statement")
OPENED_BY = ("", "dependent", "agreed", "court", "not of age")


class Majority(models.Model):
    """A student who is 18 or will be within 60 days (34 CFR 99.5(a)). Also one whose birth date changed near that day and must be confirmed."""

    student = models.OneToOneField(Person, primary_key=True, on_delete=models.PROTECT, related_name="+")
    of_birth_date = models.DateField()  # the date that counts: the one announced, or the one that an office confirmed
    effective_on = models.DateField()  # the 18th birthday
    announced_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)  # from then on the student counts as 18
    held_at = models.DateTimeField(null=True)  # the record's date has changed, so nothing happens until an office confirms one
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "majority"
        indexes = [models.Index(fields=["effective_on"], name="majority_effective_on")]


class Dependence(models.Model):
    """The student is a dependent for taxes (34 CFR 99.31(a)(8), 26 USC 152), so parents may keep access. Records which paper was seen, never the paper."""

    id = models.AutoField(primary_key=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    basis = models.TextField()
    until = models.DateField(null=True)  # first day on which it no longer counts
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(db_default=Now())
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "dependence"
        constraints = [
            models.UniqueConstraint(fields=["student"], condition=models.Q(ended_at=None), name="dependence_one_open"),
            models.CheckConstraint(condition=models.Q(basis__in=DEPENDENCE_BASES), name="dependence_basis_known"),
        ]


class AgeAgreement(models.Model):
    """The student consented, after signing in again, that an adult keeps access (34 CFR 99.30(a), (d)), until one of them ends it."""

    id = models.AutoField(primary_key=True)
    tie = models.ForeignKey("membership.Tie", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    noted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # the office that the student told
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "age_agreement"
        constraints = [models.UniqueConstraint(fields=["tie"], condition=models.Q(ended_at=None), name="age_agreement_one_open")]


class AgeEffect(models.Model):
    """The effect of the 18th birthday on an access: which rights it removed, whether it is suspended by age, and its state before."""

    tie = models.OneToOneField("membership.Tie", primary_key=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    had_consent = models.BooleanField(default=False)
    had_correct = models.BooleanField(default=False)
    had_challenge = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)  # suspended by age since then
    state_was = models.TextField(db_default="")  # the state without the suspension and without any challenge
    opened_by = models.TextField(db_default="")  # why it was opened again. A court order keeps it open
    opened_at = models.DateTimeField(null=True)
    opener = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "age_effect"
        constraints = [models.CheckConstraint(condition=models.Q(opened_by__in=OPENED_BY), name="age_effect_opened_by_known")]


class PaperNotice(models.Model):
    """A person without verified email who must be notified on paper of a student's 18th birthday. `person` is None for a family without an account.
    A contact is notified of a request to see a student's record if no adult has access."""

    id = models.AutoField(primary_key=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey("roster.Contact", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_default=Now())
    printed_at = models.DateTimeField(null=True)
    printed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "paper_notice"
        indexes = [models.Index(fields=["contact"], condition=models.Q(printed_at=None), name="paper_notice_contact")]
