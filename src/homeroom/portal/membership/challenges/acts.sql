-- Begins challenges, sets the state of challenged ties, and writes messages.

-- Returns 'sent'. 'open': the person's own challenge is still open. 'leave': decided within a year,
-- so another one needs the office's permission. 'odd': too long, or an unknown reason. '' as if
-- nothing were there, and in a card session. The request's row is locked as an approval locks it.
-- The later of the two finds what the earlier one did.
CREATE FUNCTION begin_challenge(child uuid, whom uuid, because text, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE s record; r registration; t tie; made challenge;
BEGIN
    SELECT * INTO s FROM my_standing(child);
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    -- If two people challenge each other, the second one is already under challenge.
    PERFORM hold(4117307, s.student_id);
    SELECT * INTO r FROM registration q WHERE q.uuid = whom FOR UPDATE;
    SELECT * INTO t FROM tie q WHERE q.state <> 'ended'
        AND (q.uuid = whom OR r.state = 'approved' AND q.adult_id = r.person_id
            AND q.student_id = r.student_id)
        AND q.student_id = s.student_id FOR UPDATE;
    SELECT * INTO s FROM my_standing(child);
    IF s.student_id IS NULL
        OR NOT EXISTS (SELECT FROM challengeable(child) c WHERE c.whom IN (t.uuid, r.uuid)) THEN
        RETURN '';
    END IF;
    IF is_by_card() THEN RETURN ''; END IF;
    IF (because IN ('stranger', 'not allowed', 'other') AND length(said) <= 4000) IS NOT true THEN
        RETURN 'odd';
    END IF;
    IF needs_leave(coalesce(t.adult_id, r.person_id), s.student_id) THEN RETURN 'leave'; END IF;
    INSERT INTO challenge (tie_id, registration_id, challenger_id, challenger_tie_id, reason, words,
        tie_was, suspended_until, remind_at)
        SELECT t.id, CASE WHEN t.id IS NULL THEN r.id END, asking(), s.tie_id, because, said,
               coalesce((SELECT c.tie_was FROM challenge c
                       WHERE c.tie_id = t.id AND c.decided_at IS NULL LIMIT 1),
                        (SELECT e.state_was FROM age_effect e
                            WHERE e.tie_id = t.id AND e.closed_at IS NOT NULL), t.state, ''),
               CASE WHEN closes_at_once(t.proof, s.proof) THEN end_of_school_day(5) END,
                   end_of_school_day(1)
        ON CONFLICT DO NOTHING RETURNING * INTO made;
    IF made.id IS NULL THEN RETURN 'open'; END IF;
    PERFORM settle_tie(t.id, t.state);
    PERFORM ledger_change('challenge begun', NULL, asking(), asking_side(), NULL, made.uuid::text);
    PERFORM alert_of_challenge(made.id, false, true);
    RETURN 'sent';
END $$;

-- Sets a tie's state by its open challenges. It is suspended while one of them closes it. Otherwise
-- an approved tie is under challenge. Without open challenges, the state is as before. A tie that
-- is suspended by age (membership/eighteen) stays suspended. If a suspension begins or ends, the
-- adult is notified and the child's access log gets an entry. The entry names an administrator or
-- no one.
CREATE FUNCTION settle_tie(which integer, otherwise text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE t tie;
    was text;
    closes boolean;
    becomes text;
    clerk integer := CASE asking_side() WHEN 'staff' THEN asking() END;
BEGIN
    SELECT * INTO t FROM tie WHERE id = which FOR UPDATE;
    SELECT min(c.tie_was), bool_or(c.suspended_until > now()) INTO was, closes FROM challenge c
    WHERE c.tie_id = which AND c.decided_at IS NULL;
    becomes := CASE WHEN closes
        OR is_suspended_by_age(which) THEN 'suspended' WHEN was = 'approved' THEN 'under challenge'
            ELSE coalesce(was, otherwise) END;
    IF t.id IS NULL OR t.state IN ('ended', becomes) THEN RETURN; END IF;
    UPDATE tie SET state = becomes WHERE id = which;
    IF 'suspended' IN (becomes, t.state) THEN
        PERFORM ledger_change(what, t.student_id, clerk,
            CASE WHEN clerk IS NULL THEN 'challenge' ELSE 'administrator' END, t.id, 'checked'),
            tell_in_challenge(t.adult_id, 'family', what)
                FROM (SELECT CASE becomes WHEN 'suspended' THEN 'tie closed'
                        ELSE 'tie opened' END AS what) w;
    END IF;
END $$;

-- Notifies the administrators who may decide the challenge, of the school and the district or of
-- the district only. They see it on their next page, and `by_mail` adds an email within a minute.
-- No one related to the child, the adult or the challenger is notified.
CREATE FUNCTION alert_of_challenge(which integer, only_district boolean, by_mail boolean)
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT tell_account(a.person_id, 'staff', 'challenge waits'),
        CASE WHEN by_mail THEN mail_account(a.id, 'challenge') END
    FROM challenge_case c, account a WHERE c.id = which AND a.side = 'staff' AND a.person_id IN (
        SELECT w.person_id FROM administrator w
        WHERE decides_for(w.person_id, school_of_student(c.student_id))
          AND (w.school_id IS NULL OR NOT only_district)
        AND is_apart(w.person_id, c.adult_id) AND is_apart(w.person_id, c.student_id)
        AND is_apart(w.person_id, c.challenger_id))
$$;

-- Returns 'sent'. 'many': twenty within a day. 'odd': empty or too long. '': decided, or not the
-- person's own.
CREATE FUNCTION write_about_my_challenge(which uuid, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE c challenge;
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF which IN (SELECT m.uuid FROM my_challenges() m) IS NOT true THEN RETURN ''; END IF;
    SELECT * INTO c FROM challenge k
    WHERE k.uuid = which AND k.decided_at IS NULL
      AND k.uuid IN (SELECT m.uuid FROM my_challenges() m) FOR UPDATE;
    IF c.id IS NULL THEN RETURN ''; END IF;
    RETURN write_message(c.id, NULL, NULL, said, false);
END $$;

CREATE FUNCTION write_message(of_challenge integer, of_tie integer, of_request integer, said text,
    by_office boolean)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF (trim(said) <> '' AND length(said) <= 4000) IS NOT true THEN RETURN 'odd'; END IF;
    IF 20 <= (SELECT count(*) FROM challenge_message m
        WHERE (m.challenge_id = of_challenge OR m.tie_id = of_tie OR m.registration_id = of_request)
              AND m.author_id = asking()
              AND m.at > now() - interval '1 day') THEN RETURN 'many'; END IF;
    INSERT INTO challenge_message (challenge_id, tie_id, registration_id, author_id, is_of_office,
        words)
        VALUES (of_challenge, of_tie, of_request, asking(), by_office, trim(said));
    IF NOT by_office THEN
        PERFORM alert_of_challenge(c.id, false, false) FROM challenge c
            WHERE (c.id = of_challenge OR c.tie_id = of_tie OR c.registration_id = of_request)
              AND c.decided_at IS NULL ORDER BY c.id LIMIT 1;
    END IF;
    RETURN 'sent';
END $$;

CREATE FUNCTION write_about_my_check(which uuid, said text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF is_by_card() THEN RETURN ''; END IF;
    IF NOT EXISTS (SELECT FROM my_checks() k WHERE k.uuid = which AND k.is_open) THEN
        RETURN '';
    END IF;
    RETURN write_message(NULL, (SELECT t.id FROM tie t WHERE t.uuid = which),
        (SELECT r.id FROM registration r WHERE r.uuid = which), said, false);
END $$;

GRANT EXECUTE ON FUNCTION begin_challenge(uuid, uuid, text, text),
    write_about_my_challenge(uuid, text), write_about_my_check(uuid, text) TO app;
