-- Ends the challenges of a tie or request that ends, and the account of an adult without another
-- tie.

-- Ends the challenges of a tie that ends in any way.
CREATE FUNCTION close_what_rests_on_tie() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE challenge SET decided_at = now(), outcome = 'ended'
        WHERE tie_id = NEW.id AND decided_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER tie_ended AFTER UPDATE OF state ON tie
    FOR EACH ROW WHEN (NEW.state = 'ended' AND OLD.state <> 'ended')
        EXECUTE FUNCTION close_what_rests_on_tie();

-- Closes a family account after its last tie ended, if its owner has no open request. This runs at
-- commit, since a new tie may replace the old one.
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
