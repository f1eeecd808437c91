"""attendance.csv, which OneRoster lacks. It has Clever's columns, with one row per student and day, or per student, section and day.

A status is any local word or code. The district's settings, not the file, say what it means (present, absent, tardy, left early, and excused or not). Sis_id
is the mark's own identifier and may be blank.
"""

from homeroom.formats.columns import day, text, to, unread, word
from homeroom.formats.spec import Purpose, Table

DAILY, SECTION = "daily", "section"

ATTENDANCE = Table(
    "attendance.csv",
    (
        to("Student_id", "users"),
        to("School_id", "orgs"),
        to("Section_id", "classes", required=False),
        day("Attendance_date", Purpose.ATTENDANCE, required=True),
        word("Attendance_type", DAILY, SECTION, purpose=Purpose.ATTENDANCE, required=True),
        text("Attendance_status", Purpose.ATTENDANCE, required=True),
        text("Excuse_code", Purpose.ATTENDANCE),
        *unread("Sis_id"),
    ),
    into=("attendance_mark",),
    key=("Student_id", "School_id", "Section_id", "Attendance_date"),
)
