-- What ends with a tie or a request: its challenges, and the account of an adult without another
-- tie.

-- A tie that ends in any way ends its challenges.
CREATE FUNCTION close_what_rests_on_tie() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE challenge SET decided_at = now(), outcome = 'ended'
        WHERE tie_id = NEW.id AND decided_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER tie_ended AFTER UPDATE OF state ON tie
    FOR EACH ROW WHEN (NEW.state = 'ended' AND OLD.state <> 'ended')
        EXECUTE FUNCTION close_what_rests_on_tie();

-- An account whose last tie ended, and whose owner asks for nothing, is closed: looked at with the
-- commit, since a tie that is over may give way to a new one.
CREATE FUNCTION close_account_without_tie() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM tie WHERE adult_id = NEW.adult_id AND state <> 'ended')
        OR EXISTS (SELECT FROM registration WHERE person_id = NEW.adult_id AND state = 'waiting')
        OR EXISTS (SELECT FROM tutor_application
            WHERE person_id = NEW.adult_id AND state IN ('waiting', 'approved')) THEN
        RETURN NULL;
    END IF;
    PERFORM mail_account(a.id, 'closed'),
        ledger_change('account closed', NULL, a.person_id, 'family', NULL, 'the last tie ended')
        FROM account a WHERE a.person_id = NEW.adult_id AND a.side = 'family' AND a.is_active;
    UPDATE account SET is_active = false
        WHERE person_id = NEW.adult_id AND side = 'family' AND is_active;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER last_tie_ended AFTER UPDATE OF state ON tie DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    WHEN (NEW.state = 'ended' AND OLD.state <> 'ended')
        EXECUTE FUNCTION close_account_without_tie();

CREATE FUNCTION close_challenges_of_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE challenge SET decided_at = now(), outcome = 'ended'
        WHERE registration_id = NEW.id AND decided_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER request_over AFTER UPDATE OF state ON registration
    FOR EACH ROW WHEN (NEW.state <> 'waiting' AND OLD.state = 'waiting')
        EXECUTE FUNCTION close_challenges_of_request();
CREATE TRIGGER challenge_narrows AFTER INSERT ON challenge FOR EACH ROW
    EXECUTE FUNCTION note_narrowing('challenge', 'uuid', 'tie_id', 'registration_id',
    'challenger_id', 'challenger_tie_id', 'reason', 'words', 'asked_at', 'tie_was',
    'suspended_until', 'remind_at');
CREATE TRIGGER challenge_upheld_narrows AFTER UPDATE ON challenge
    FOR EACH ROW WHEN (NEW.outcome = 'ended' AND OLD.outcome <> 'ended')
    EXECUTE FUNCTION note_narrowing('challenge upheld', 'uuid', 'decided_at');
