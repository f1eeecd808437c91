GRANT SELECT, INSERT, UPDATE ON attendance_mark TO intake;
GRANT SELECT ON attendance_code TO intake, app;
GRANT SELECT ON attendance_mark TO app;
CREATE POLICY attendance_code_read_by_signed_in ON attendance_code FOR SELECT TO app USING ((SELECT asking()) IS NOT NULL);
CREATE POLICY attendance_mark_read_after_look ON attendance_mark FOR SELECT TO app USING (student_id = ANY ((SELECT opened('attendance'))::integer[]));
