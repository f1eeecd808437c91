-- A hidden entry adds a note for the vault.

CREATE TRIGGER withheld_narrows AFTER INSERT ON withheld_entry FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('withheld line', 'uuid', 'entry_id', 'student_id!', 'basis',
        'until', 'withheld_by_id!', 'seconded_by_id!');
CREATE TRIGGER withheld_longer_narrows AFTER UPDATE ON withheld_entry
    FOR EACH ROW WHEN (NEW.until > OLD.until)
    EXECUTE FUNCTION note_narrowing('withheld line', 'uuid', 'entry_id', 'student_id!', 'basis',
        'until', 'withheld_by_id!', 'seconded_by_id!');
