-- An office's acts about a challenge: ask, close, extend, end, restore, set aside. No one related
-- to the student, the adult or the challenger may do them.

-- Writes to the challenger or to the challenged adult, never to both. The challenged adult does not
-- learn who asked. Returns 'sent', 'odd', 'many' or ''.
CREATE FUNCTION write_in_challenge(which uuid, thread text, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c challenge_case; became text;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN ''; END IF;
    SELECT k.* INTO c FROM challenge_case k
    WHERE k.uuid = which AND k.decided_at IS NULL AND may_decide_challenge(k);
    IF c.id IS NULL OR thread IN ('challenger', 'challenged') IS NOT true THEN RETURN ''; END IF;
    became := CASE thread WHEN 'challenger' THEN write_message(c.id, NULL, NULL, said, true)
        ELSE write_message(NULL, c.tie_id, c.registration_id, said, true) END;
    IF became = 'sent' THEN
        UPDATE challenge SET triaged_at = coalesce(triaged_at, now()) WHERE id = c.id;
        IF thread = 'challenger' THEN
            PERFORM tell_in_challenge(c.challenger_id, side_of_challenger(c), 'school wrote');
        ELSE
            PERFORM tell_in_challenge(c.adult_id, 'family', 'school wrote');
        END IF;
    END IF;
    RETURN became;
END $$;

-- `act` is 'closed' (for five school days from today, also if already closed), 'ended', 'restored'
-- or 'set aside'. Returns `act`. 'proposed': lifting a suspension needs a second approval, since
-- the record does not name the adult. 'taken': decided or proposed already. 'why', 'evidence':
-- missing or not valid. 'again': the last confirmation of identity is too old. '' as if nothing
-- were there.
CREATE FUNCTION decide_challenge(which uuid, act text, how text, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c challenge_case := challenge_to_decide(which);
BEGIN
    IF c.id IS NULL OR how IS NULL OR act = 'closed' AND c.tie_id IS NULL
        OR act IN ('closed', 'ended', 'restored', 'set aside') IS NOT true THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF c.decided_at IS NOT NULL THEN RETURN 'taken'; END IF;
    IF (trim(said) <> '' AND length(said) <= 2000) IS NOT true THEN RETURN 'why'; END IF;
    IF act = 'restored' AND proof_of_evidence(how) IS DISTINCT FROM 'in person' THEN
        RETURN 'evidence';
    END IF;
    IF act = 'closed' THEN
        UPDATE challenge SET suspended_until = end_of_school_day(5),
            triaged_at = coalesce(triaged_at, now()) WHERE id = c.id;
        PERFORM settle_tie(c.tie_id, c.tie_was),
            ledger_change('challenge: closed', NULL, asking(), 'administrator', NULL,
                c.uuid || ' ' || said);
        RETURN act;
    END IF;
    IF act <> 'ended' AND takes_two_to_open(c) THEN
        UPDATE challenge SET triaged_at = coalesce(triaged_at, now()) WHERE id = c.id;
        RETURN propose('lifted suspension', c.adult_id, school_of_student(c.student_id),
            jsonb_build_object('challenge', c.uuid, 'act', act, 'how', how), said);
    END IF;
    PERFORM finish_challenge(c, act, how, said, asking());
    RETURN act;
END $$;

-- Returns the case, with its tie or request locked. If two people decide at the same moment, the
-- second one finds it decided.
CREATE FUNCTION challenge_to_decide(which uuid) RETURNS challenge_case
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c challenge_case;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN NULL; END IF;
    PERFORM FROM registration r
        WHERE r.id = (SELECT k.registration_id FROM challenge k WHERE k.uuid = which) FOR UPDATE;
    PERFORM FROM tie t WHERE t.id = (SELECT k.tie_id FROM challenge k WHERE k.uuid = which)
        FOR UPDATE;
    SELECT k.* INTO c FROM challenge_case k WHERE k.uuid = which AND may_decide_challenge(k);
    RETURN c;
END $$;

-- Ends all open challenges of a tie together, since the decision is about the tie. A restored tie
-- counts as proven in person.
CREATE FUNCTION finish_challenge(c challenge_case, became text, how text, said text,
    by_person integer)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM tell_in_challenge(k.challenger_id, side_of_challenger(k), 'challenge answered')
        FROM challenge_case k
        WHERE k.decided_at IS NULL
          AND (k.tie_id = c.tie_id OR k.registration_id = c.registration_id);
    UPDATE challenge k SET decided_at = now(), decided_by_id = by_person, outcome = became,
        evidence = how, why = said, triaged_at = coalesce(k.triaged_at, now())
        WHERE k.decided_at IS NULL
          AND (k.tie_id = c.tie_id OR k.registration_id = c.registration_id);
    IF became = 'ended' AND c.tie_id IS NULL THEN
        PERFORM close_registration(r, 'declined', NULL, '') FROM registration r
            WHERE r.id = c.registration_id AND r.state = 'waiting';
    ELSIF became = 'ended' THEN
        UPDATE tie SET state = 'ended', end_date = today() WHERE id = c.tie_id AND state <> 'ended';
        PERFORM ledger_change('tie ended', c.student_id, by_person, 'administrator', c.tie_id, ''),
            tell_in_challenge(c.adult_id, 'family', 'tie ended');
    ELSE
        PERFORM settle_tie(c.tie_id, c.tie_was);
        UPDATE tie SET proof = 'in person' WHERE id = c.tie_id AND became = 'restored';
    END IF;
    PERFORM ledger_change('challenge: ' || became, NULL, by_person, office_of(by_person), NULL,
        c.uuid || ' ' || said);
END $$;

-- Carries out the approved proposal. Returns false if the challenge was decided in the meantime.
CREATE FUNCTION lift_suspension(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE c challenge_case;
BEGIN
    SELECT k.* INTO c FROM challenge_case k
    WHERE k.uuid = (p.payload->>'challenge')::uuid AND k.decided_at IS NULL;
    IF c.id IS NULL THEN RETURN false; END IF;
    PERFORM finish_challenge(c, p.payload->>'act', p.payload->>'how', p.reason, p.proposed_by_id);
    RETURN true;
END $$;

-- Lets the same challenger challenge the same adult again within the year. Returns 'given', 'again'
-- or ''.
CREATE FUNCTION give_leave(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE c challenge_case := challenge_to_decide(which);
BEGIN
    IF c.id IS NULL OR c.outcome NOT IN ('restored', 'set aside') OR c.leave_at IS NOT NULL THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE challenge SET leave_at = now(), leave_by_id = asking() WHERE id = c.id;
    PERFORM ledger_change('challenge: leave', NULL, asking(), 'administrator', NULL, c.uuid::text),
        tell_in_challenge(c.challenger_id, side_of_challenger(c), 'school wrote');
    RETURN 'given';
END $$;

-- The jobs process calls this until it returns NULL. A suspension that ran out without a decision
-- opens the tie again, and the people concerned are notified. A challenge that no one handled for a
-- school day is reported to the district's administrators, again each day.
CREATE FUNCTION next_challenge_due() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE c challenge_case;
BEGIN
    SELECT k.* INTO c FROM challenge_case k JOIN tie t ON t.id = k.tie_id
    WHERE k.decided_at IS NULL AND k.suspended_until <= now() AND t.state = 'suspended'
        AND k.tie_was <> 'suspended' AND NOT is_suspended_by_age(t.id)
        AND NOT EXISTS (SELECT FROM challenge o
            WHERE o.tie_id = t.id AND o.decided_at IS NULL AND o.suspended_until > now())
        ORDER BY k.id LIMIT 1;
    IF c.id IS NOT NULL THEN
        PERFORM settle_tie(c.tie_id, c.tie_was);
        IF (SELECT t.state FROM tie t WHERE t.id = c.tie_id) <> 'suspended' THEN
            -- Not closed again while this waited for the row.
            PERFORM alert_of_challenge(c.id, true, true),
                tell_in_challenge(c.challenger_id, side_of_challenger(c), 'challenge ran out');
        END IF;
        RETURN 'opened';
    END IF;
    UPDATE challenge k SET remind_at = now() + interval '1 day' WHERE k.id = (
        SELECT o.id FROM challenge o
        WHERE o.decided_at IS NULL AND o.triaged_at IS NULL AND o.remind_at <= now() ORDER BY o.id
        LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING k.id INTO c.id;
    IF c.id IS NULL THEN RETURN NULL; END IF;
    PERFORM alert_of_challenge(c.id, true, true);
    RETURN 'reminded';
END $$;

GRANT EXECUTE ON FUNCTION write_in_challenge(uuid, text, text),
    decide_challenge(uuid, text, text, text), give_leave(uuid) TO app;
GRANT EXECUTE ON FUNCTION next_challenge_due() TO jobs;
