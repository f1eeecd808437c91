-- app reads the ledger by ledger_of() and ledger_summary() alone and writes it by look() alone. The sealer may append to the chain.
-- withheld_entry: the functions of withheld.sql alone read and write it.
-- look_count: look() counts there; no login has a right on it.
GRANT SELECT ON ledger, ledger_student TO sealer;
GRANT SELECT, INSERT ON ledger_link TO sealer;
CREATE POLICY ledger_read_by_sealer ON ledger FOR SELECT TO sealer USING (true);
CREATE POLICY ledger_student_read_by_sealer ON ledger_student FOR SELECT TO sealer USING (true);
CREATE POLICY ledger_link_read_by_sealer ON ledger_link FOR SELECT TO sealer USING (true);
CREATE POLICY ledger_link_append_by_sealer ON ledger_link FOR INSERT TO sealer WITH CHECK (true);
