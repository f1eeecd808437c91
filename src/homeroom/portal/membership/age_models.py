"""Turning 18: when, what it did to each tie, and by what right somebody goes on reading. Part of models; the rules are in membership/eighteen."""

from django.db import models
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person

DEPENDENCE_BASES = ("tax return", "parent statement", "student statement")
OPENED_BY = ("", "dependent", "agreed", "court", "not of age")


class Majority(models.Model):
    """A student who turns 18 within 60 days, or has (34 CFR 99.5(a)); or whose birth date moved near that day, and is held."""

    student = models.OneToOneField(Person, primary_key=True, on_delete=models.PROTECT, related_name="+")
    of_birth_date = models.DateField()  # the date that counts: the record's when it was announced, or the one that an office confirmed
    effective_on = models.DateField()  # the 18th birthday
    announced_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)  # the student is of age from this moment
    held_at = models.DateTimeField(null=True)  # the record has another date since: the clock stands until an office confirms one
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "majority"
        indexes = [models.Index(fields=["effective_on"], name="majority_effective_on")]


class Dependence(models.Model):
    """A dependent for tax purposes (34 CFR 99.31(a)(8), 26 USC 152): parents may go on reading. Which paper was seen, never the paper."""

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
    """The student agrees, signed in anew, that an adult goes on reading (34 CFR 99.30(a), (d)), until one of them is done with it."""

    id = models.AutoField(primary_key=True)
    tie = models.ForeignKey("membership.Tie", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    noted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # an office, for whom the student told
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "age_agreement"
        constraints = [models.UniqueConstraint(fields=["tie"], condition=models.Q(ended_at=None), name="age_agreement_one_open")]


class AgeEffect(models.Model):
    """What turning 18 did to a tie: the rights it took, whether it is suspended by age, and what it was before."""

    tie = models.OneToOneField("membership.Tie", primary_key=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    had_consent = models.BooleanField(default=False)
    had_correct = models.BooleanField(default=False)
    had_challenge = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)  # suspended by age since
    state_was = models.TextField(db_default="")  # the tie's state without it, and without any challenge
    opened_by = models.TextField(db_default="")  # why it was opened again; a court's word keeps it open
    opened_at = models.DateTimeField(null=True)
    opener = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "age_effect"
        constraints = [models.CheckConstraint(condition=models.Q(opened_by__in=OPENED_BY), name="age_effect_opened_by_known")]


class PaperNotice(models.Model):
    """Somebody who is to be told on paper, since no address of theirs is proven: that a student turns 18 (no person: the family, which has no account);
    a contact, that somebody asks to see the record of a student to whom nobody is tied."""

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
