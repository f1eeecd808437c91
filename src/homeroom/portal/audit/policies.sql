-- The access log.
-- No login has a right on withheld_entry, view_day: functions read and write them.

-- Logins read the access log through functions alone, and functions alone write it. The sealer
-- appends to the chain.
GRANT SELECT ON ledger, ledger_student TO sealer;
GRANT SELECT, INSERT ON ledger_link TO sealer;
CREATE POLICY ledger_read_by_sealer ON ledger FOR SELECT TO sealer USING (true);
CREATE POLICY ledger_student_read_by_sealer ON ledger_student FOR SELECT TO sealer USING (true);
CREATE POLICY ledger_link_read_by_sealer ON ledger_link FOR SELECT TO sealer USING (true);
CREATE POLICY ledger_link_append_by_sealer ON ledger_link FOR INSERT TO sealer WITH CHECK (true);
