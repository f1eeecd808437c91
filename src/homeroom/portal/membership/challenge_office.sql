-- What an office does about a challenge (challenge.sql): ask, close, extend, end, restore, set aside. Never somebody who has to do with the child, the adult, or
-- whoever challenges.

CREATE FUNCTION may_decide_challenge(c challenge_case) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i_decide_for(school_of_student(c.student_id)) AND may_decide_about(c.adult_id) AND may_decide_about(c.student_id) AND may_decide_about(c.challenger_id)
$$;

-- Those that wait, the nearest clock first; or those decided within a year, the newest first.
CREATE FUNCTION challenges_shown(which text) RETURNS TABLE (uuid uuid, adult text, child text, school text, asked_at timestamptz, by_student boolean, is_closed boolean,
    clock timestamptz, triaged_at timestamptz, outcome text, decided_at timestamptz, decider text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.uuid, full_name(w), full_name(p), (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)), c.asked_at, c.challenger_tie_id IS NULL,
           coalesce(t.state = 'suspended', false), CASE WHEN c.triaged_at IS NULL THEN least(c.remind_at, c.suspended_until) ELSE c.suspended_until END,
           c.triaged_at, c.outcome, c.decided_at, (SELECT full_name(d) FROM person d WHERE d.id = c.decided_by_id)
    FROM challenge_case c JOIN person w ON w.id = c.adult_id JOIN person p ON p.id = c.student_id LEFT JOIN tie t ON t.id = c.tie_id
    WHERE EXISTS (SELECT FROM my_offices()) AND CASE which WHEN 'decided' THEN c.decided_at > now() - interval '1 year' ELSE c.decided_at IS NULL END
      AND may_decide_challenge(c)
    ORDER BY CASE which WHEN 'decided' THEN now() - c.decided_at END, 8 NULLS LAST, c.id LIMIT 200
$$;

-- One case, for whoever may decide it, by a look that the child's ledger keeps: how the tie came about, who asked and why.
CREATE FUNCTION challenge_shown(which uuid) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('adult', full_name(w), 'adult_first', first_name(w), 'child', full_name(p), 'child_first', first_name(p),
        'relation', coalesce(nullif(t.relation, ''), t.kind, r.relation), 'school', (SELECT s.name FROM school s WHERE s.id = school_of_student(p.id)),
        'challenger', full_name(k), 'challenger_first', first_name(k), 'by_student', c.challenger_tie_id IS NULL,
        'challenger_relation', (SELECT coalesce(nullif(o.relation, ''), o.kind) FROM tie o WHERE o.id = c.challenger_tie_id),
        'challenger_proof', (SELECT o.proof FROM tie o WHERE o.id = c.challenger_tie_id), 'reason', c.reason, 'words', c.words, 'asked_at', c.asked_at,
        'is_request', t.id IS NULL, 'state', t.state, 'until', c.suspended_until, 'could_close_until', end_of_school_day(5), 'proof', t.proof, 'approved_at', t.approved_at,
        'approver', (SELECT full_name(a) FROM person a WHERE a.id = t.approved_by_id), 'registered', registered_by(c.adult_id, c.student_id),
        'looks', (SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id AND l.event = 'look'
                  WHERE s.student_id = c.student_id AND s.tie_id = t.id),
        'contacts', contacts_named(c.student_id), 'is_on_record', is_on_record(c.adult_id, c.student_id),
        'others', (SELECT count(*) FROM challenge o WHERE (o.tie_id = c.tie_id OR o.registration_id = c.registration_id) AND o.id <> c.id AND o.decided_at IS NULL),
        'outcome', c.outcome, 'decided_at', c.decided_at, 'decider', (SELECT full_name(d) FROM person d WHERE d.id = c.decided_by_id), 'why', c.why,
        'leave_at', c.leave_at, 'waits', (SELECT jsonb_build_object('reason', q.reason, 'proposer', full_name(b), 'is_mine', b.id = asking())
                  FROM proposal q JOIN person b ON b.id = q.proposed_by_id WHERE q.kind = 'lifted suspension' AND q.state = 'waiting' AND q.payload->>'challenge' = c.uuid::text))
    FROM challenge_case c JOIN person w ON w.id = c.adult_id JOIN person p ON p.id = c.student_id JOIN person k ON k.id = c.challenger_id
         LEFT JOIN tie t ON t.id = c.tie_id LEFT JOIN registration r ON r.id = c.registration_id
    WHERE c.uuid = which AND may_decide_challenge(c) AND c.student_id = ANY (opened('contacts'))
$$;

-- How somebody asked for a child, and how the office had seen who it was; NULL where the district made the tie.
CREATE FUNCTION registered_by(adult integer, child integer) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object('asked_at', r.asked_at, 'evidence', r.evidence)
    FROM registration r WHERE r.person_id = adult AND r.student_id = child ORDER BY r.state = 'approved' DESC, r.id DESC LIMIT 1
$$;

-- Names and relations that the record has, of nobody whom it keeps confidential.
CREATE FUNCTION contacts_named(child integer) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', coalesce(nullif(c.name, ''), full_name(w)), 'relation', c.relationship) ORDER BY c.id), '[]')
    FROM contact c LEFT JOIN person w ON w.id = c.person_id WHERE c.student_id = child AND c.ended_at IS NULL AND NOT is_kept_confidential(c)
$$;

-- Whether the district's own record of the child has this adult: as a person, or by the address that the adult proved.
CREATE FUNCTION is_on_record(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM contact c LEFT JOIN contact_detail d ON d.person_id = c.person_id
                   WHERE c.student_id = child AND c.ended_at IS NULL
                     AND (c.person_id = adult OR c.email <> '' AND lower(c.email) = lower(address_of_family(adult)) AND is_settled(c.delivery_id)
                          OR c.email = '' AND lower(d.email) = lower(address_of_family(adult)) AND is_settled(d.delivery_id)))
$$;

-- Both threads, apart: thread says whose. Nobody but the office reads two.
CREATE FUNCTION challenge_messages(which uuid) RETURNS TABLE (thread text, is_of_office boolean, author text, words text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN m.challenge_id IS NULL THEN 'challenged' ELSE 'challenger' END, m.is_of_office, full_name(a), m.words, m.at
    FROM challenge_case c JOIN challenge_message m ON m.challenge_id = c.id OR m.tie_id = c.tie_id OR m.registration_id = c.registration_id
         JOIN person a ON a.id = m.author_id
    WHERE c.uuid = which AND may_decide_challenge(c) ORDER BY m.id
$$;

-- To the challenger or to the challenged, never to both: 'sent', 'odd', 'many', or ''. To the challenged nothing of it says who asked.
CREATE FUNCTION write_in_challenge(which uuid, thread text, said text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c challenge_case; became text;
BEGIN
    SELECT k.* INTO c FROM challenge_case k WHERE k.uuid = which AND k.decided_at IS NULL AND may_decide_challenge(k);
    IF c.id IS NULL OR thread NOT IN ('challenger', 'challenged') THEN RETURN ''; END IF;
    became := CASE thread WHEN 'challenger' THEN write_message(c.id, NULL, NULL, said, true) ELSE write_message(NULL, c.tie_id, c.registration_id, said, true) END;
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

CREATE FUNCTION side_of_challenger(c challenge_case) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN c.challenger_tie_id IS NULL THEN 'student' ELSE 'family' END
$$;

-- act: 'closed' (for five school days from today, once more where it is closed already), 'ended', 'restored', 'set aside'. What it
-- answers: act; 'proposed': lifting a suspension takes a second, since the record does not have the adult; 'taken': decided, or proposed
-- already; 'why', 'evidence': what is missing; 'again': the last proof of who it is has grown old; '' as for nothing there.
CREATE FUNCTION decide_challenge(which uuid, act text, how text, said text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c challenge_case := challenge_to_decide(which);
BEGIN
    IF c.id IS NULL OR act NOT IN ('closed', 'ended', 'restored', 'set aside') OR act = 'closed' AND c.tie_id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF c.decided_at IS NOT NULL THEN RETURN 'taken'; END IF;
    IF trim(said) = '' OR length(said) > 2000 THEN RETURN 'why'; END IF;
    IF act = 'restored' AND proof_of_evidence(how) IS DISTINCT FROM 'in person' THEN RETURN 'evidence'; END IF;
    IF act = 'closed' THEN
        UPDATE challenge SET suspended_until = end_of_school_day(5), triaged_at = coalesce(triaged_at, now()) WHERE id = c.id;
        PERFORM settle_tie(c.tie_id, c.tie_was), ledger_change('challenge: closed', NULL, asking(), 'administrator', NULL, c.uuid || ' ' || said);
        RETURN act;
    END IF;
    IF act <> 'ended' AND takes_two_to_open(c) THEN
        UPDATE challenge SET triaged_at = coalesce(triaged_at, now()) WHERE id = c.id;
        RETURN propose('lifted suspension', c.adult_id, school_of_student(c.student_id), jsonb_build_object('challenge', c.uuid, 'act', act, 'how', how), said);
    END IF;
    PERFORM finish_challenge(c, act, how, said, asking());
    RETURN act;
END $$;

-- The case, with its tie or request locked: of two who decide at once the second finds it decided.
CREATE FUNCTION challenge_to_decide(which uuid) RETURNS challenge_case LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c challenge_case;
BEGIN
    PERFORM FROM registration r WHERE r.id = (SELECT k.registration_id FROM challenge k WHERE k.uuid = which) FOR UPDATE;
    PERFORM FROM tie t WHERE t.id = (SELECT k.tie_id FROM challenge k WHERE k.uuid = which) FOR UPDATE;
    SELECT k.* INTO c FROM challenge_case k WHERE k.uuid = which AND may_decide_challenge(k);
    RETURN c;
END $$;

-- One alone opens again what a challenge closed where the district's own record has the adult; else a second looks at it, too.
CREATE FUNCTION takes_two_to_open(c challenge_case) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.tie_was <> 'suspended' AND EXISTS (SELECT FROM tie t WHERE t.id = c.tie_id AND t.state = 'suspended') AND NOT is_on_record(c.adult_id, c.student_id)
$$;

-- All open challenges of one tie end together: what is decided is the tie. Restored, it counts as proven in person.
CREATE FUNCTION finish_challenge(c challenge_case, became text, how text, said text, by_person integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tell_in_challenge(k.challenger_id, side_of_challenger(k), 'challenge answered') FROM challenge_case k
        WHERE k.decided_at IS NULL AND (k.tie_id = c.tie_id OR k.registration_id = c.registration_id);
    UPDATE challenge k SET decided_at = now(), decided_by_id = by_person, outcome = became, evidence = how, why = said, triaged_at = coalesce(k.triaged_at, now())
        WHERE k.decided_at IS NULL AND (k.tie_id = c.tie_id OR k.registration_id = c.registration_id);
    IF became = 'ended' AND c.tie_id IS NULL THEN
        PERFORM close_registration(r, 'declined', NULL, '') FROM registration r WHERE r.id = c.registration_id AND r.state = 'waiting';
    ELSIF became = 'ended' THEN
        UPDATE tie SET state = 'ended', end_date = today() WHERE id = c.tie_id AND state <> 'ended';
        PERFORM ledger_change('tie ended', c.student_id, by_person, 'administrator', c.tie_id, ''), tell_in_challenge(c.adult_id, 'family', 'tie ended');
    ELSE
        PERFORM settle_tie(c.tie_id, c.tie_was);
        UPDATE tie SET proof = 'in person' WHERE id = c.tie_id AND became = 'restored';
    END IF;
    PERFORM ledger_change('challenge: ' || became, NULL, by_person, office_of(by_person), NULL, c.uuid || ' ' || said);
END $$;

-- What two people agreed on. False: it was decided meanwhile.
CREATE FUNCTION lift_suspension(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c challenge_case;
BEGIN
    SELECT k.* INTO c FROM challenge_case k WHERE k.uuid = (p.payload->>'challenge')::uuid AND k.decided_at IS NULL;
    IF c.id IS NULL THEN RETURN false; END IF;
    PERFORM finish_challenge(c, p.payload->>'act', p.payload->>'how', p.reason, p.proposed_by_id);
    RETURN true;
END $$;

-- What a second reads beside it: whose record. NULL for a child from whom the reader is barred.
CREATE FUNCTION suspension_proposed(what jsonb) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT what || jsonb_build_object('child', (SELECT full_name(p) FROM challenge_case c JOIN person p ON p.id = c.student_id
                                                WHERE c.uuid = (what->>'challenge')::uuid AND p.id <> ALL (barred_from())))
$$;

-- Leave for the same challenger to challenge the same adult again within the year: 'given', 'again', ''.
CREATE FUNCTION give_leave(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c challenge_case := challenge_to_decide(which);
BEGIN
    IF c.id IS NULL OR c.outcome NOT IN ('restored', 'set aside') OR c.leave_at IS NOT NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE challenge SET leave_at = now(), leave_by_id = asking() WHERE id = c.id;
    PERFORM ledger_change('challenge: leave', NULL, asking(), 'administrator', NULL, c.uuid::text), tell_in_challenge(c.challenger_id, side_of_challenger(c), 'school wrote');
    RETURN 'given';
END $$;

-- A tie that ends in any way ends its challenges.
CREATE FUNCTION close_what_rests_on_tie() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE challenge SET decided_at = now(), outcome = 'ended' WHERE tie_id = NEW.id AND decided_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER tie_ended AFTER UPDATE OF state ON tie FOR EACH ROW WHEN (NEW.state = 'ended' AND OLD.state <> 'ended') EXECUTE FUNCTION close_what_rests_on_tie();

-- An account whose last tie ended, and whose owner asks for nothing, is closed: looked at with the commit, since a tie that is over may give way to a new one.
CREATE FUNCTION close_account_without_tie() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM tie WHERE adult_id = NEW.adult_id AND state <> 'ended') OR EXISTS (SELECT FROM registration WHERE person_id = NEW.adult_id AND state = 'waiting')
        OR EXISTS (SELECT FROM tutor_application WHERE person_id = NEW.adult_id AND state IN ('waiting', 'approved')) THEN
        RETURN NULL;
    END IF;
    PERFORM mail_account(a.id, 'closed'), ledger_change('account closed', NULL, a.person_id, 'family', NULL, 'the last tie ended')
        FROM account a WHERE a.person_id = NEW.adult_id AND a.side = 'family' AND a.is_active;
    UPDATE account SET is_active = false WHERE person_id = NEW.adult_id AND side = 'family' AND is_active;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER last_tie_ended AFTER UPDATE OF state ON tie DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'ended' AND OLD.state <> 'ended') EXECUTE FUNCTION close_account_without_tie();

CREATE FUNCTION close_challenges_of_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE challenge SET decided_at = now(), outcome = 'ended' WHERE registration_id = NEW.id AND decided_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER request_over AFTER UPDATE OF state ON registration FOR EACH ROW WHEN (NEW.state <> 'waiting' AND OLD.state = 'waiting') EXECUTE FUNCTION close_challenges_of_request();

-- For the jobs process, until it answers NULL: a suspension that ran out undecided opens the tie again, and those are told whom it
-- concerns; a challenge that nobody touched for a school day is told to the district's administrators, each day anew.
CREATE FUNCTION next_challenge_due() RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c challenge_case;
BEGIN
    SELECT k.* INTO c FROM challenge_case k JOIN tie t ON t.id = k.tie_id WHERE k.decided_at IS NULL AND k.suspended_until <= now() AND t.state = 'suspended'
        AND k.tie_was <> 'suspended' AND NOT is_suspended_by_age(t.id) AND NOT EXISTS (SELECT FROM challenge o WHERE o.tie_id = t.id AND o.decided_at IS NULL AND o.suspended_until > now())
        ORDER BY k.id LIMIT 1;
    IF c.id IS NOT NULL THEN
        PERFORM settle_tie(c.tie_id, c.tie_was);
        IF (SELECT t.state FROM tie t WHERE t.id = c.tie_id) <> 'suspended' THEN  -- not closed anew while this waited for the row
            PERFORM alert_of_challenge(c.id, true, true), tell_in_challenge(c.challenger_id, side_of_challenger(c), 'challenge ran out');
        END IF;
        RETURN 'opened';
    END IF;
    UPDATE challenge k SET remind_at = now() + interval '1 day' WHERE k.id = (
        SELECT o.id FROM challenge o WHERE o.decided_at IS NULL AND o.triaged_at IS NULL AND o.remind_at <= now() ORDER BY o.id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING k.id INTO c.id;
    IF c.id IS NULL THEN RETURN NULL; END IF;
    PERFORM alert_of_challenge(c.id, true, true);
    RETURN 'reminded';
END $$;
GRANT EXECUTE ON FUNCTION challenges_shown(text), challenge_shown(uuid), challenge_messages(uuid), write_in_challenge(uuid, text, text),
    decide_challenge(uuid, text, text, text), give_leave(uuid) TO app;
GRANT EXECUTE ON FUNCTION next_challenge_due() TO jobs;
