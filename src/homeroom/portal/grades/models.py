"""Work and scores from the district's system. A class grade is a result whose line item is a grade (is_grade)."""

import uuid

from django.db import models

from homeroom.portal.roster.models import Course, Person, School, Section, Sourced, Term


class Status(models.IntegerChoices):
    """OneRoster scoreStatus."""

    EXEMPT = 0, "exempt"
    FULLY_GRADED = 1, "fully graded"
    NOT_SUBMITTED = 2, "not submitted"
    PARTIALLY_GRADED = 3, "partially graded"
    SUBMITTED = 4, "submitted"


class Category(Sourced):
    title = models.TextField()
    weight = models.FloatField(null=True)  # percent, 0 to 100

    class Meta:
        db_table = "category"


class LineItem(models.Model):
    """An assignment. key = the sourcedId as a UUID (formats.keys)."""

    id = models.AutoField(primary_key=True)
    key = models.UUIDField(unique=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    term = models.ForeignKey(Term, on_delete=models.PROTECT)
    title = models.TextField()
    description = models.TextField(db_default="")
    assign_date = models.DateField()
    due_date = models.DateField()
    score_min = models.FloatField(null=True)
    score_max = models.FloatField(null=True)
    is_grade = models.BooleanField(db_default=False)  # its results are the grade of the class for the term
    names_class = models.BooleanField(db_default=False)  # its results have classSourcedId: a grade, if few line items have it
    ended_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey("intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "line_item"


class Result(models.Model):
    """One student's score for one line item. id = the sourcedId as a UUID (formats.keys). It has millions of rows, so keep it narrow."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    line_item = models.ForeignKey(LineItem, on_delete=models.PROTECT, db_index=False)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, db_index=False)
    score = models.FloatField(null=True)
    score_date = models.DateField()
    # Not checked row by row, because intake made the delivery in its own session. This saves half a second for 70,000 scores.
    delivery = models.ForeignKey(
        "intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    status = models.SmallIntegerField(choices=Status.choices)
    is_late = models.BooleanField(null=True)
    is_missing = models.BooleanField(null=True)
    is_incomplete = models.BooleanField(null=True)
    in_progress = models.BooleanField(null=True)
    text_score = models.TextField(null=True)
    comment = models.TextField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "result"
        indexes = [
            models.Index(fields=["student", "line_item"], name="result_student_item"),
            models.Index(fields=["line_item", "student"], name="result_item_student"),
        ]


class ResultChange(models.Model):
    """A score as it was before a later file changed it. If a file changed only another field, this is the unchanged score with the delivery that wrote it."""

    id = models.BigAutoField(primary_key=True)
    # Copied from the row itself as it changes. Checking all three again for every score took 3 s a night. Searched by student.
    result = models.ForeignKey(Result, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    student = models.ForeignKey(Person, on_delete=models.CASCADE, db_constraint=False)
    delivery = models.ForeignKey("intake.Delivery", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    old_score = models.FloatField(null=True)
    old_text_score = models.TextField(null=True)
    old_status = models.SmallIntegerField(choices=Status.choices)

    class Meta:
        db_table = "result_change"


class ScoreScale(Sourced):
    title = models.TextField()
    kind = models.TextField()
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    course = models.ForeignKey(Course, null=True, on_delete=models.PROTECT)
    section = models.ForeignKey(Section, null=True, on_delete=models.PROTECT)
    pairs = models.JSONField()  # [["A", "90-100"], …]: OneRoster scoreScaleValue {lhs:rhs}

    class Meta:
        db_table = "score_scale"


class LineItemScoreScale(Sourced):
    line_item = models.ForeignKey(LineItem, on_delete=models.PROTECT)
    score_scale = models.ForeignKey(ScoreScale, on_delete=models.PROTECT)

    class Meta:
        db_table = "line_item_score_scale"


class ResultScoreScale(Sourced):
    result = models.ForeignKey(Result, on_delete=models.PROTECT)
    score_scale = models.ForeignKey(ScoreScale, on_delete=models.PROTECT)

    class Meta:
        db_table = "result_score_scale"
