"""Whether a file's record and ours are one person: questions, answers, and what the answers did. Part of models."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

ASKED = ("reused", "returned")  # an id with another name and birth date; a new id with those of one who just left
ANSWERS = ("same person", "new person", "merge")
BY_ONE = ("new person",)  # opens nothing to anybody; the others take two administrators


class Question(models.Model):
    """Is the file's record under this sourcedId the person we have? The names and the date are the file's."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT)  # the last file that asked it
    kind = models.TextField()
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    sourced_id = models.TextField()
    given_name = models.TextField()
    family_name = models.TextField()
    birth_date = models.DateField(null=True)  # none: a former sourcedId, under another name
    grade_levels = models.TextField(db_default="")
    schools = models.TextField(db_default="")
    asked_at = models.DateTimeField(db_default=Now())
    applied_by = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "question"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ASKED), name="question_kind_known"),
            # An answer is remembered for this record and no other; once it was carried out, the same change is asked about anew.
            models.UniqueConstraint(
                fields=["person", "sourced_id", "given_name", "family_name", "birth_date"],
                condition=models.Q(applied_by=None),
                nulls_distinct=False,
                name="question_once",
            ),
        ]


class Answer(models.Model):
    """What administrators said. Final: a new person by one of them; the other two once a second has confirmed."""

    question = models.OneToOneField(Question, primary_key=True, on_delete=models.CASCADE)
    answer = models.TextField()
    proposed_by = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "answer"
        constraints = [
            models.CheckConstraint(condition=models.Q(answer__in=ANSWERS), name="answer_known"),
            # Whoever writes here, the web's functions or an owner at psql: ties never follow on one person's word.
            models.CheckConstraint(condition=~models.Q(confirmed_by=models.F("proposed_by")), name="answer_by_two"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None, confirmed_at=None) | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="answer_confirmed_whole",
            ),
        ]


class FormerId(models.Model):
    """A sourcedId that a person had. leads_here: a file's rows under it are still this person's; else it is somebody else's now."""

    id = models.AutoField(primary_key=True)
    sourced_id = models.TextField()
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    leads_here = models.BooleanField()
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "former_id"
        constraints = [models.UniqueConstraint(fields=["sourced_id"], condition=models.Q(leads_here=True), name="former_id_leads_once")]


class Merge(models.Model):
    """Two records that are one person: what old had was given to into, and can be given back."""

    id = models.AutoField(primary_key=True)
    question = models.OneToOneField(Question, on_delete=models.PROTECT)
    old = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    into = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT)
    at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("roster.Person", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "merge"
        constraints = [models.CheckConstraint(condition=~models.Q(old=models.F("into")), name="merge_of_two")]


class MergedRow(models.Model):
    """A row that a merge moved, and its undo moves back."""

    id = models.BigAutoField(primary_key=True)
    merge = models.ForeignKey(Merge, on_delete=models.CASCADE)
    table = models.TextField()
    key = models.TextField()  # the row's id

    class Meta:
        db_table = "merged_row"
