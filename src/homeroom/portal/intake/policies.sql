-- Deliveries: intake writes, administrators read. Signing keys are read by intake and written by the operator's command.
GRANT SELECT, INSERT, UPDATE ON delivery TO intake;
GRANT SELECT, INSERT, DELETE ON refused_row TO intake;
GRANT SELECT, INSERT, DELETE, UPDATE ON row_hashes TO intake;
GRANT SELECT, INSERT, DELETE ON stale_key TO intake;
GRANT SELECT, UPDATE ON decision TO intake;
GRANT SELECT, INSERT, DELETE ON bucket_image TO intake;  -- row_image: images.sql alone
GRANT SELECT ON signer TO intake;
GRANT SELECT ON delivery, refused_row, signer, decision TO app;
GRANT SELECT ON delivery TO jobs;
CREATE POLICY delivery_read_by_administrator ON delivery FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY refused_row_read_by_administrator ON refused_row FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY signer_read_by_administrator ON signer FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY decision_read_by_administrator ON decision FOR SELECT TO app USING ((SELECT count(*) FROM my_offices()) > 0);
CREATE POLICY delivery_read_by_jobs ON delivery FOR SELECT TO jobs USING (true);

-- Whether two records are one person: asked and carried out by intake, answered by administrators through same_person.sql alone.
-- intake cannot answer: whoever holds it moves no tie by that.
GRANT SELECT, INSERT, UPDATE, DELETE ON question TO intake;
GRANT SELECT, DELETE ON answer TO intake;
GRANT SELECT, INSERT ON former_id, merge, merged_row TO intake;
GRANT UPDATE ON result_change TO intake;
