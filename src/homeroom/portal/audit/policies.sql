-- The access log.
-- No login has a right on ledger, ledger_student, withheld_entry, view_day: functions read and
-- write them.

-- The sealer appends to the chain. It reads entries through functions, and only those without a
-- link.
GRANT SELECT, INSERT ON ledger_link TO sealer;
CREATE POLICY ledger_link_read_by_sealer ON ledger_link FOR SELECT TO sealer USING (true);
CREATE POLICY ledger_link_append_by_sealer ON ledger_link FOR INSERT TO sealer WITH CHECK (true);
