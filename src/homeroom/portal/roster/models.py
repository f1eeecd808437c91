"""Schools, terms, courses, sections, people, enrollments and aliases. `sourced_id` is the district's key for a row (OneRoster sourcedId).

A row that a later file leaves out is ended (ended_at), never deleted.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class Sourced(models.Model):
    """Fields of every row in the district's export. The uuid is for URLs and says nothing about the sourcedId."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    sourced_id = models.TextField(unique=True)
    ended_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # last written by this file

    class Meta:
        abstract = True


class School(Sourced):
    name = models.TextField()
    kind = models.TextField()  # OneRoster org type: school, district, department …
    identifier = models.TextField(db_default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        db_table = "school"


class Term(Sourced):
    """OneRoster academicSession. end_date is exclusive, as the standard says."""

    title = models.TextField()
    kind = models.TextField()  # gradingPeriod, semester, schoolYear, term
    start_date = models.DateField()
    end_date = models.DateField()
    school_year = models.SmallIntegerField()  # the year in which it ends
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        db_table = "term"
        constraints = [models.CheckConstraint(condition=models.Q(start_date__lte=models.F("end_date")), name="term_dates_in_order")]


class Course(Sourced):
    title = models.TextField()
    code = models.TextField(db_default="")
    school = models.ForeignKey(School, on_delete=models.PROTECT)

    class Meta:
        db_table = "course"


class Person(models.Model):
    """Any person: student, adult or staff. A person who registered by hand has no sourced_id."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    sourced_id = models.TextField(null=True, unique=True)
    given_name = models.TextField()
    family_name = models.TextField()
    middle_name = models.TextField(db_default="")
    preferred_given_name = models.TextField(db_default="")
    preferred_family_name = models.TextField(db_default="")
    grade_levels = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    is_student = models.BooleanField(db_default=False)
    is_staff = models.BooleanField(db_default=False)
    is_enabled = models.BooleanField(db_default=True)
    ended_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "person"

    @property
    def full_name(self) -> str:
        """Returns the name in the record. The database decides who sees a preferred name (full_name() in SQL)."""
        return f"{self.given_name} {self.family_name}"


class Role(Sourced):
    """A person's role at a school (roles.csv)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    role = models.TextField()
    is_primary = models.BooleanField(db_default=True)
    begin_date = models.DateField(null=True)
    end_date = models.DateField(null=True)

    class Meta:
        db_table = "role"


class Demographic(models.Model):
    """The birth date from demographics.csv, and nothing else of it. It tells people apart."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.PROTECT)
    birth_date = models.DateField()
    ended_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "demographic"
        indexes = [models.Index(fields=["birth_date"], name="demographic_birth_date")]  # finds the student that a parent's request names


class ContactDetail(models.Model):
    """A person's email and phones. They have a table of their own because few may read them."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.PROTECT)
    email = models.TextField(db_default="")
    phone = models.TextField(db_default="")
    sms = models.TextField(db_default="")
    delivery = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "contact_detail"


class Contact(Sourced):
    """A person that the district has on file for a student (contacts.csv, agentSourcedIds). It proves a contact, never a right.

    sourced_id: "<student>|<contact's id or a hash of name and phone>". Several rows may be one person: people_of_contacts() says which.
    """

    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="contact_of")
    name = models.TextField(db_default="")
    relationship = models.TextField(db_default="")
    kind = models.TextField(db_default="")
    phone = models.TextField(db_default="")
    phone_kind = models.TextField(db_default="")
    email = models.TextField(db_default="")
    is_confidential = models.BooleanField(db_default=False)  # set here, never by a file
    sis_id = models.TextField(db_default="")  # Contact_sis_id, which may be no one in users.csv

    class Meta:
        db_table = "contact"


class Section(Sourced):
    """One class as it meets (OneRoster class)."""

    title = models.TextField()
    code = models.TextField(db_default="")
    kind = models.TextField()  # homeroom, scheduled
    course = models.ForeignKey(Course, on_delete=models.PROTECT)
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    periods = ArrayField(models.TextField(), default=list, db_default=models.Value([], ArrayField(models.TextField())))
    terms: "models.ManyToManyField[Term, SectionTerm]" = models.ManyToManyField(Term, through="SectionTerm")

    class Meta:
        db_table = "section"


class SectionTerm(models.Model):
    id = models.AutoField(primary_key=True)
    section = models.ForeignKey(Section, on_delete=models.CASCADE)
    term = models.ForeignKey(Term, on_delete=models.CASCADE)

    class Meta:
        db_table = "section_term"
        constraints = [models.UniqueConstraint(fields=["section", "term"], name="section_term_once")]


class Enrollment(models.Model):
    """A person in a section. key = the sourcedId as a UUID (formats.keys). The begin is inclusive and the end exclusive, and both may be open."""

    id = models.AutoField(primary_key=True)
    key = models.UUIDField(unique=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    role = models.TextField()  # student, teacher, aide …
    is_primary = models.BooleanField(db_default=False)
    begin_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "enrollment"
        indexes = [models.Index(fields=["section"], name="enrollment_staff", condition=~models.Q(role="student"))]  # who teaches it


MASKING_BASES = ("address confidentiality", "protective order", "threat", "other")


class Masking(models.Model):
    """A student's alias for everyone who is not entitled to the name (access/names). end_date is the first day on which it no longer counts.

    address confidentiality: the program of Cal. Gov. Code 6205 ff. The district keeps the paper, and only its effect is here.
    """

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_name = models.TextField()
    family_name = models.TextField()
    basis = models.TextField()
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    masked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    masked_at = models.DateTimeField(db_default=Now())
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)  # the second approver
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "masking"
        constraints = [
            models.UniqueConstraint(fields=["student"], condition=models.Q(ended_at=None), name="masking_one_open"),
            models.CheckConstraint(condition=models.Q(basis__in=MASKING_BASES), name="masking_basis_known"),
            models.CheckConstraint(condition=models.Q(end_date=None) | models.Q(end_date__gt=models.F("start_date")), name="masking_days_in_order"),
            models.CheckConstraint(condition=~models.Q(given_name="") & ~models.Q(family_name=""), name="masking_alias_whole"),
        ]
