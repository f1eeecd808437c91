-- Letter codes that are used or ended leave a note for the vault.

CREATE TRIGGER letter_narrows AFTER UPDATE ON contact_code FOR EACH ROW
    WHEN (OLD.used_at IS NULL AND OLD.ended_at IS NULL
        AND (NEW.used_at IS NOT NULL OR NEW.ended_at IS NOT NULL))
        EXECUTE FUNCTION note_narrowing('letter', 'digest');
