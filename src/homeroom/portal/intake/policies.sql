-- Rights on deliveries, their rows, reports and signing keys.
-- No login has a right on upload: functions read and write it.
-- No login has a right on row_image: triggers write it, and an undo reads it.

-- Intake writes deliveries, and administrators read them through reading.sql. Intake reads signing
-- keys, and the operator's command writes them.
GRANT SELECT, INSERT, UPDATE ON delivery TO intake;
GRANT SELECT, INSERT, DELETE ON refused_row TO intake;
GRANT SELECT, INSERT, DELETE, UPDATE ON row_hashes TO intake;
GRANT SELECT, INSERT, DELETE ON stale_key TO intake;
-- intake can't change who decided what and when, because access logs copy it
GRANT SELECT, UPDATE (done_at, answer, tries) ON decision TO intake;
GRANT SELECT, INSERT, DELETE ON bucket_image TO intake;
GRANT SELECT ON signer TO intake;
GRANT SELECT ON unread_column TO intake;
GRANT SELECT, INSERT, UPDATE ON change TO intake;
GRANT SELECT, INSERT ON change_detail, change_count TO intake;
GRANT SELECT, INSERT, UPDATE, DELETE ON report TO jobs;
CREATE POLICY report_read_by_jobs ON report FOR SELECT TO jobs USING (true);
CREATE POLICY report_add_by_jobs ON report FOR INSERT TO jobs WITH CHECK (true);
CREATE POLICY report_change_by_jobs ON report FOR UPDATE TO jobs USING (true) WITH CHECK (true);
CREATE POLICY report_remove_by_jobs ON report FOR DELETE TO jobs USING (true);

-- Questions whether two records are one person. Intake asks and carries answers out. Administrators
-- answer, only through functions. Intake can't answer, so an attacker with its login moves no tie.
-- Intake can't change whom a question is about either.
GRANT SELECT, INSERT, UPDATE (delivery_id, applied_by_id), DELETE ON question TO intake;
GRANT SELECT, DELETE ON answer TO intake;
GRANT SELECT, INSERT ON former_id, merge, merged_row TO intake;
GRANT UPDATE (leads_here) ON former_id TO intake;
