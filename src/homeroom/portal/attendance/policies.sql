-- Attendance.

GRANT SELECT, INSERT, UPDATE ON attendance_mark TO intake;
GRANT SELECT ON attendance_code TO intake;
