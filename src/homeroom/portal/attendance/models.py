"""Attendance marks as the district recorded them, and the meanings of its local codes."""

import uuid

from django.db import models

from homeroom.portal.roster.models import Person, School, Section


class Presence(models.IntegerChoices):
    """CEDS 000076, without the excuse. RECORDED is a local code without a meaning yet, and is never shown as absent."""

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
    """One student on one day, for the whole day or one section. id = UUID of student, school, section, day (attendance.csv has no sourcedId)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    student = models.ForeignKey(Person, on_delete=models.PROTECT, db_index=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, db_index=False)
    section = models.ForeignKey(Section, null=True, on_delete=models.PROTECT, db_index=False)
    day = models.DateField()
    delivery = models.ForeignKey(  # as in Result
        "intake.Delivery", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    status = models.TextField()  # the local words as sent. An index entry has room for 200 characters (judging.shape.code)
    excuse_code = models.TextField(db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "attendance_mark"
        indexes = [
            models.Index(fields=["student", "day"], name="attendance_mark_student_day"),
            # Finds and counts the codes that files sent without reading the marks (reading.sql). Equal words share an entry: 7 bytes a mark.
            models.Index(fields=["status", "excuse_code", "day"], name="attendance_mark_code_day"),
        ]
