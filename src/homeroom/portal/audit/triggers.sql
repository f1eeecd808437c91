-- A hidden entry adds a note for the vault.

CREATE TRIGGER withheld_narrows AFTER INSERT ON withheld_entry FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('withheld line', 'uuid', 'entry_id', 'student_id!', 'basis',
        'until', 'withheld_by_id!', 'seconded_by_id!');
CREATE TRIGGER withheld_longer_narrows AFTER UPDATE ON withheld_entry
    FOR EACH ROW WHEN (NEW.until > OLD.until)
    EXECUTE FUNCTION note_narrowing('withheld line', 'uuid', 'entry_id', 'student_id!', 'basis',
        'until', 'withheld_by_id!', 'seconded_by_id!');

-- Every change in the access log is an event, with the entry's number, and so is each download of a
-- record or of everything. Other views are not: the log has them. An import has an event of its
-- own, with its result.
CREATE FUNCTION note_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_event(event_kind(NEW.event), 'done',
        (SELECT a.id FROM account a WHERE a.person_id = NEW.person_id AND a.side = CASE
            WHEN NEW.capacity IN ('family', 'student') THEN NEW.capacity ELSE 'staff' END),
        CASE WHEN NEW.event IN ('setting', 'look') THEN NEW.act
            WHEN NEW.event = 'sign-in changed' THEN NEW.reason ELSE NEW.event END,
        on_device => (SELECT s.device FROM asking_session s), of_number => NEW.id,
        in_session => (SELECT s.key FROM asking_session s));
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_event AFTER INSERT ON ledger FOR EACH ROW
    WHEN (NEW.event NOT IN ('look', 'import')
          OR NEW.act IN ('record download', 'everything download'))
    EXECUTE FUNCTION note_entry();
