"""Attendance marks as the district recorded them, and what its local codes mean."""

import uuid

from django.db import models

from homeroom.portal.roster.models import Person, School, Section


class Presence(models.IntegerChoices):
    """CEDS 000076, apart from whether it was excused. RECORDED: a local code nobody mapped yet, never shown as absent."""

    RECORDED = 0, "recorded"
    PRESENT = 1, "present"
    ABSENT = 2, "absent"
    TARDY = 3, "tardy"
    LEFT_EARLY = 4, "left early"


class Excuse(models.IntegerChoices):
    UNKNOWN = 0, "unknown"
    EXCUSED = 1, "excused"
    UNEXCUSED = 2, "unexcused"


class AttendanceCode(models.Model):
    """The district's setting: (status, excuse code) of its file → presence × excuse. An empty excuse_code is the default of a status."""

    id = models.AutoField(primary_key=True)
    status = models.TextField()  # casefolded
    excuse_code = models.TextField(db_default="")  # casefolded
    presence = models.SmallIntegerField(choices=Presence.choices)
    excuse = models.SmallIntegerField(choices=Excuse.choices)

    class Meta:
        db_table = "attendance_code"
        constraints = [
            models.UniqueConstraint(fields=["status", "excuse_code"], name="attendance_code_once"),
            models.CheckConstraint(condition=models.Q(presence__in=Presence.values, excuse__in=Excuse.values), name="attendance_code_known"),
        ]


class AttendanceMark(models.Model):
    """One student, one day, the whole day or one section. id = UUID of student, school, section, day (attendance.csv has no sourcedId)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, db_index=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    section = models.ForeignKey(Section, null=True, on_delete=models.PROTECT, db_index=False)
    day = models.DateField()
    delivery = models.ForeignKey(  # as a result's
        "intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    status = models.TextField()  # the local words, as sent; an index entry has room for 200 letters (judging.shape.code)
    excuse_code = models.TextField(db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "attendance_mark"
        indexes = [
            models.Index(fields=["student", "day"], name="attendance_mark_student_day"),
            # The codes that files sent are found and counted without reading the marks (acts.sql). Equal words share an entry: 7 bytes a mark.
            models.Index(fields=["status", "excuse_code", "day"], name="attendance_mark_code_day"),
        ]
