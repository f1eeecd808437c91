"""Questions whether a file's record and the portal's are one person, their answers, and what the answers did. Part of models."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now

ASKED = ("reused", "returned")  # "reused": an id with another name and birth date. "returned": a new id with those of a person who just left
ANSWERS = ("same person", "new person", "merge")
BY_ONE = ("new person",)  # gives no one access. The other answers need a second approval


class Question(models.Model):
    """Asks whether the file's record under this sourcedId is the portal's person. Names and birth date are the file's."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT)  # the last file that asked it
    kind = models.TextField()
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    sourced_id = models.TextField()
    given_name = models.TextField()
    family_name = models.TextField()
    birth_date = models.DateField(null=True)  # None: a former sourcedId, under another name
    grade_levels = models.TextField(db_default="")
    schools = models.TextField(db_default="")
    asked_at = models.DateTimeField(db_default=Now())
    applied_by = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "question"
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ASKED), name="question_kind_known"),
            # An answer counts only for this record. After it was carried out, the same change is asked about again.
            models.UniqueConstraint(
                fields=["person", "sourced_id", "given_name", "family_name", "birth_date"],
                condition=models.Q(applied_by=None),
                nulls_distinct=False,
                name="question_once",
            ),
        ]


class Answer(models.Model):
    """The administrators' answer. "new person" is final right away. The other two are final after a second administrator confirms."""

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
            # Applies to web functions and to an owner in psql, so that access never moves because of one person's answer.
            models.CheckConstraint(condition=~models.Q(confirmed_by=models.F("proposed_by")), name="answer_by_two"),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None, confirmed_at=None) | models.Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="answer_confirmed_whole",
            ),
        ]


class FormerId(models.Model):
    """A sourcedId that a person had. `leads_here` means that a file's rows under it are still this person's. Otherwise it is someone else's now."""

    id = models.AutoField(primary_key=True)
    sourced_id = models.TextField()
    person = models.ForeignKey("roster.Person", on_delete=models.PROTECT, related_name="+")
    leads_here = models.BooleanField()
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "former_id"
        constraints = [models.UniqueConstraint(fields=["sourced_id"], condition=models.Q(leads_here=True), name="former_id_leads_once")]


class Merge(models.Model):
    """Two records that are one person. Rows moved from `old` to `into`, and can move back."""

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
    """A row that a merge moved. Undoing the merge moves it back."""

    id = models.BigAutoField(primary_key=True)
    merge = models.ForeignKey(Merge, on_delete=models.CASCADE)
    table = models.TextField()
    key = models.TextField()  # the row's id

    class Meta:
        db_table = "merged_row"
        # Finds the record that a request named before a merge. Imports write no entry for other rows.
        indexes = [models.Index(fields=["key"], condition=models.Q(table__in=("correction", "correction asker")), name="merged_row_correction")]
