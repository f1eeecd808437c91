-- Deliveries: intake writes, administrators read. Signing keys are read by intake and written by the operator's command.
GRANT SELECT, INSERT, UPDATE ON delivery TO intake;
GRANT SELECT, INSERT, DELETE ON refused_row TO intake;
GRANT SELECT, INSERT, DELETE, UPDATE ON row_hashes TO intake;
GRANT SELECT, INSERT, DELETE ON stale_key TO intake;
GRANT SELECT, UPDATE (done_at, answer, tries) ON decision TO intake;  -- who decided what, and when, is not intake's to say: ledgers copy it
GRANT SELECT, INSERT, DELETE ON bucket_image TO intake;  -- row_image: images.sql alone; upload: uploads.sql alone
GRANT SELECT ON signer TO intake;
GRANT SELECT ON unread_column TO intake, app;
CREATE POLICY unread_column_read_by_administrator ON unread_column FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
GRANT SELECT ON delivery, refused_row, signer, decision TO app;
GRANT SELECT ON delivery TO jobs;
GRANT SELECT, INSERT, UPDATE ON change TO intake;
GRANT SELECT, INSERT ON change_detail, change_count TO intake;
GRANT SELECT ON change, change_detail, change_count TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON report TO jobs;
CREATE POLICY delivery_read_by_administrator ON delivery FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY refused_row_read_by_administrator ON refused_row FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY signer_read_by_administrator ON signer FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY decision_read_by_administrator ON decision FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY delivery_read_by_jobs ON delivery FOR SELECT TO jobs USING (true);
CREATE POLICY report_read_by_jobs ON report FOR SELECT TO jobs USING (true);
CREATE POLICY report_add_by_jobs ON report FOR INSERT TO jobs WITH CHECK (true);
CREATE POLICY report_change_by_jobs ON report FOR UPDATE TO jobs USING (true) WITH CHECK (true);
CREATE POLICY report_remove_by_jobs ON report FOR DELETE TO jobs USING (true);

-- Whether two records are one person: asked and carried out by intake, answered by administrators through same_person.sql alone.
-- intake cannot answer: whoever holds it moves no tie by that.
GRANT SELECT, INSERT, UPDATE (delivery_id, applied_by_id), DELETE ON question TO intake;  -- an answer stays about whom it was given
GRANT SELECT, DELETE ON answer TO intake;
GRANT SELECT, INSERT ON former_id, merge, merged_row TO intake;
GRANT UPDATE (leads_here) ON former_id TO intake;
GRANT UPDATE ON result_change TO intake;

-- A change set's list names people and counts; a restriction hides its child from its person over every hat, the office too,
-- and a masked student's line, with its name as the file has it, is for the student's own offices.
CREATE POLICY change_read_by_administrator ON change FOR SELECT TO app
    USING ((SELECT count(*) FROM my_offices()) > 0 AND (person_id IS NULL OR person_id <> ALL ((SELECT barred_from())::integer[]))
           AND (person_id IS NULL OR person_id <> ALL ((SELECT names_closed_to_me())::integer[])));
CREATE POLICY change_count_read_by_administrator ON change_count FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
-- Old beside new is a record's own values: after a look at this person. Of somebody who is not here yet there is no record to look at.
CREATE POLICY change_detail_read_after_look ON change_detail FOR SELECT TO app USING (change_id = ANY ((SELECT opened_changes())::bigint[]));
CREATE POLICY change_detail_read_of_newcomers ON change_detail FOR SELECT TO app
    USING (EXISTS (SELECT FROM change c WHERE c.id = change_id AND c.person_id IS NULL));
