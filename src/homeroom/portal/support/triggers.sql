-- Supporters and grants that end leave a note for the vault.

CREATE TRIGGER supporter_narrows AFTER UPDATE ON supporter FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL OR OLD.code IS NOT NULL
        AND NEW.code IS NULL) EXECUTE FUNCTION note_narrowing('supporter', 'uuid', 'ended_at');
CREATE TRIGGER support_grant_narrows AFTER UPDATE ON support_grant
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL OR NEW.until < OLD.until)
    EXECUTE FUNCTION note_narrowing('support grant', 'uuid', 'ended_at', 'until');
