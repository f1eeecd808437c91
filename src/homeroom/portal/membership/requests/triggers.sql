-- A verified email matches waiting requests again. Requests that end leave a note for the vault.

-- Compares the requests of a newly verified email again, since the record may vouch for the asker
-- now.
CREATE FUNCTION match_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registration r SET matched_at = NULL FROM account a
        WHERE a.id = NEW.account_id AND a.person_id = r.person_id AND r.state = 'waiting';
    RETURN NULL;
END $$;
CREATE TRIGGER address_proven AFTER INSERT OR UPDATE OF proven_at ON mail_address
    FOR EACH ROW WHEN (NEW.proven_at IS NOT NULL) EXECUTE FUNCTION match_again();
CREATE TRIGGER request_narrows AFTER UPDATE ON registration
    FOR EACH ROW WHEN (OLD.state = 'waiting' AND NEW.state IN ('declined', 'withdrawn', 'lapsed'))
    EXECUTE FUNCTION note_narrowing('request', 'uuid', 'person_id', 'state', 'answered_at');
