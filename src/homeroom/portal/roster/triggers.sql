-- Contacts that are kept confidential leave a note for the vault.

CREATE TRIGGER contact_narrows AFTER INSERT ON contact FOR EACH ROW WHEN (NEW.is_confidential)
    EXECUTE FUNCTION note_narrowing('contact', 'uuid', 'sourced_id', 'student_id!', 'person_id',
        'name');
CREATE TRIGGER contact_kept_narrows AFTER UPDATE ON contact
    FOR EACH ROW WHEN (NEW.is_confidential AND NOT OLD.is_confidential)
    EXECUTE FUNCTION note_narrowing('contact', 'uuid', 'sourced_id', 'student_id!', 'person_id',
        'name');
