-- The Challenge: a family says that somebody should not be tied to its child, and the office checks it (34 CFR 99.4, Ed. Code 49061(a)).
-- Whom it is about never learns who asked, or what was written: no function for an adult reads another thread than its own.

-- A challenge and whom it is about, whether it is against a tie or against a request for one.
CREATE VIEW challenge_case AS
    SELECT c.*, coalesce(t.adult_id, r.person_id) AS adult_id, coalesce(t.student_id, r.student_id) AS student_id
    FROM challenge c LEFT JOIN tie t ON t.id = c.tie_id LEFT JOIN registration r ON r.id = c.registration_id;

-- The n-th school day after a day: Monday to Friday, since no export carries a calendar of holidays (decision 0023).
CREATE FUNCTION school_day_after(day date, n integer) RETURNS date LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT day + i FROM generate_series(1, n * 2 + 3) i WHERE extract(isodow FROM day + i) < 6 ORDER BY i OFFSET n - 1 LIMIT 1
$$;

-- The midnight with which the n-th school day from now ends, on the district's clock.
CREATE FUNCTION end_of_school_day(n integer) RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (school_day_after(today(), n) + 1)::timestamp AT TIME ZONE (SELECT time_zone FROM district)
$$;

-- Foster and agency ties are the district's alone, and a tutor's is ended by the family itself.
CREATE FUNCTION is_parent_kind(kind text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT kind IN ('parent', 'guardian', 'caregiver by affidavit')
$$;

-- In which standing somebody may challenge for this child: by an open tie with that right, which nobody challenges; or as the student,
-- from grade 6, or of age. proof: of the tie, NULL for a student. No row: not at all.
CREATE FUNCTION my_standing(child uuid) RETURNS TABLE (student_id integer, tie_id integer, proof text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.student_id, t.id, t.proof FROM open_ties() t JOIN person p ON p.id = t.student_id
    WHERE p.uuid = child AND t.may_challenge AND t.state = 'approved'
    UNION ALL
    SELECT p.id, NULL, NULL FROM person p
    WHERE p.uuid = child AND p.id = asking() AND asking_side() = 'student' AND p.ended_at IS NULL AND is_readable(p.id, p.id)
        AND (is_of_grade_6_or_more(p) OR is_of_age(p.id))
$$;

-- Whether a challenge closes a tie before anybody looked: one that was only claimed, always; one that rests on what the record has, a
-- letter's code or an address, where the challenger's own was seen in person; one that was seen in person, never. A student's closes
-- claimed ones alone.
CREATE FUNCTION closes_at_once(of_tie text, of_challenger text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT of_tie = 'claimed' OR of_tie IN ('code', 'district record') AND coalesce(of_challenger = 'in person', false)
$$;

-- Decided within a year, and the adult kept the tie: the same challenger needs the office's leave for another.
CREATE FUNCTION needs_leave(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM challenge_case c WHERE c.challenger_id = asking() AND c.adult_id = adult AND c.student_id = child
                   AND c.outcome IN ('restored', 'set aside') AND c.decided_at > now() - interval '1 year' AND c.leave_at IS NULL)
$$;

-- A shelter's secret: an adult whom the record keeps confidential is named to nobody of the family, not even while she asks.
CREATE FUNCTION is_kept_secret(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM contact c JOIN person p ON p.id = adult LEFT JOIN person w ON w.id = c.person_id LEFT JOIN contact_detail d ON d.person_id = c.person_id
                   WHERE c.student_id = child AND c.ended_at IS NULL AND is_kept_confidential(c)
                     AND (c.person_id = adult OR lower(coalesce(nullif(c.email, ''), d.email)) = lower(address_of_family(adult))
                          OR name_words(p.given_name) = ANY (regexp_split_to_array(name_words(coalesce(nullif(c.name, ''), full_name(w))), ' '))))
$$;

-- Whom somebody may challenge for this child, from the request on: name and relation, how it was proven, what a challenge would do.
CREATE FUNCTION challengeable(child uuid)
RETURNS TABLE (whom uuid, name text, relation text, is_request boolean, since timestamptz, proof text, is_checked boolean, closes boolean, must_ask boolean, mine uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.uuid, full_name(p), coalesce(nullif(t.relation, ''), t.kind), false, coalesce(t.approved_at, t.created_at), t.proof, t.state = 'under challenge',
           closes_at_once(t.proof, s.proof), needs_leave(t.adult_id, t.student_id),
           (SELECT c.uuid FROM challenge c WHERE c.tie_id = t.id AND c.challenger_id = asking() AND c.decided_at IS NULL)
    FROM my_standing(child) s JOIN tie t ON t.student_id = s.student_id JOIN person p ON p.id = t.adult_id
    WHERE t.adult_id <> asking() AND is_parent_kind(t.kind) AND t.state <> 'ended' AND (t.end_date IS NULL OR t.end_date > today()) AND NOT t.is_confidential
    UNION ALL
    SELECT r.uuid, full_name(p), r.relation, true, r.asked_at, 'claimed', false, false, needs_leave(r.person_id, r.student_id),
           (SELECT c.uuid FROM challenge c WHERE c.registration_id = r.id AND c.challenger_id = asking() AND c.decided_at IS NULL)
    FROM my_standing(child) s JOIN registration r ON r.student_id = s.student_id AND r.state = 'waiting' AND r.relation <> 'self' JOIN person p ON p.id = r.person_id
    WHERE r.person_id <> asking() AND NOT is_kept_secret(r.person_id, r.student_id)
$$;

-- 'sent'; 'card': signed in by a card, which a teacher prints; 'open': one's own waits already; 'leave': it was decided within a year; 'odd': too long, or no such reason; '' as for nothing
-- there. The request's row is locked as an approval locks it: of the two the second finds what the first did.
CREATE FUNCTION begin_challenge(child uuid, whom uuid, because text, said text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE s record; r registration; t tie; made challenge;
BEGIN
    SELECT * INTO s FROM my_standing(child);
    IF s.student_id IS NULL THEN RETURN ''; END IF;
    PERFORM hold(4117307, s.student_id);  -- of two who challenge each other the second is challenged already
    SELECT * INTO r FROM registration q WHERE q.uuid = whom FOR UPDATE;
    SELECT * INTO t FROM tie q WHERE q.state <> 'ended'
        AND (q.uuid = whom OR r.state = 'approved' AND q.adult_id = r.person_id AND q.student_id = r.student_id) FOR UPDATE;
    SELECT * INTO s FROM my_standing(child);
    IF s.student_id IS NULL OR NOT EXISTS (SELECT FROM challengeable(child) c WHERE c.whom IN (t.uuid, r.uuid)) THEN RETURN ''; END IF;
    IF (SELECT a.method FROM asking_session a) = 'card' THEN RETURN 'card'; END IF;
    IF because <> ALL (ARRAY['stranger', 'not allowed', 'other']) OR length(said) > 4000 THEN RETURN 'odd'; END IF;
    IF needs_leave(coalesce(t.adult_id, r.person_id), s.student_id) THEN RETURN 'leave'; END IF;
    INSERT INTO challenge (tie_id, registration_id, challenger_id, challenger_tie_id, reason, words, tie_was, suspended_until, remind_at)
        SELECT t.id, CASE WHEN t.id IS NULL THEN r.id END, asking(), s.tie_id, because, said,
               coalesce((SELECT c.tie_was FROM challenge c WHERE c.tie_id = t.id AND c.decided_at IS NULL LIMIT 1),
                        (SELECT e.state_was FROM age_effect e WHERE e.tie_id = t.id AND e.closed_at IS NOT NULL), t.state, ''),
               CASE WHEN closes_at_once(t.proof, s.proof) THEN end_of_school_day(5) END, end_of_school_day(1)
        ON CONFLICT DO NOTHING RETURNING * INTO made;
    IF made.id IS NULL THEN RETURN 'open'; END IF;
    PERFORM settle_tie(t.id, t.state);
    PERFORM ledger_change('challenge begun', NULL, asking(), asking_side(), NULL, made.uuid::text);
    PERFORM alert_of_challenge(made.id, false, true);
    RETURN 'sent';
END $$;

-- A tie's state as its open challenges make it: closed while one of them closes it, else under challenge; without any, as it was. What is
-- suspended by age (ages.sql) stays so whatever is decided here. Its
-- adult is told, and the child's ledger says so: by an administrator, or by nobody's name.
CREATE FUNCTION settle_tie(which integer, otherwise text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE t tie; was text; closes boolean; becomes text; clerk integer := CASE asking_side() WHEN 'staff' THEN asking() END;
BEGIN
    SELECT * INTO t FROM tie WHERE id = which FOR UPDATE;
    SELECT min(c.tie_was), bool_or(c.suspended_until > now()) INTO was, closes FROM challenge c WHERE c.tie_id = which AND c.decided_at IS NULL;
    becomes := CASE WHEN closes OR is_suspended_by_age(which) THEN 'suspended' WHEN was = 'approved' THEN 'under challenge' ELSE coalesce(was, otherwise) END;
    IF t.id IS NULL OR t.state IN ('ended', becomes) THEN RETURN; END IF;
    UPDATE tie SET state = becomes WHERE id = which;
    IF 'suspended' IN (becomes, t.state) THEN
        PERFORM ledger_change(what, t.student_id, clerk, CASE WHEN clerk IS NULL THEN 'challenge' ELSE 'administrator' END, t.id, 'checked'),
            tell_in_challenge(t.adult_id, 'family', what) FROM (SELECT CASE becomes WHEN 'suspended' THEN 'tie closed' ELSE 'tie opened' END AS what) w;
    END IF;
END $$;

-- On the next page, and by mail: neither names anybody.
CREATE FUNCTION tell_in_challenge(who integer, on_side text, what text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM tell_account(who, on_side, what);
    PERFORM mail_account(a.id, 'written') FROM account a WHERE a.person_id = who AND a.side = on_side AND a.is_active;
END $$;

-- Administrators who may decide it, of the school and the district, or of the district alone: on the next page of each, and by mail
-- within a minute. Nobody who has to do with the child, the adult or the challenger hears of it.
CREATE FUNCTION alert_of_challenge(which integer, only_district boolean, by_mail boolean) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT tell_account(a.person_id, 'staff', 'challenge waits'), CASE WHEN by_mail THEN mail_account(a.id, 'challenge') END
    FROM challenge_case c, account a WHERE c.id = which AND a.side = 'staff' AND a.person_id IN (
        SELECT w.person_id FROM administrator w WHERE decides_for(w.person_id, school_of_student(c.student_id)) AND (w.school_id IS NULL OR NOT only_district)
        AND is_apart(w.person_id, c.adult_id) AND is_apart(w.person_id, c.student_id) AND is_apart(w.person_id, c.challenger_id))
$$;

-- ── What the challenger reads ──
-- One's own, as long as the child's record is open: whether access is closed, what the office answered.
CREATE FUNCTION my_challenges() RETURNS TABLE (uuid uuid, child uuid, child_name text, name text, relation text, reason text, words text, asked_at timestamptz,
    is_request boolean, is_closed boolean, until timestamptz, outcome text, decided_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.uuid, p.uuid, first_name(p), full_name(w), coalesce(nullif(t.relation, ''), t.kind, r.relation), c.reason, c.words, c.asked_at, t.id IS NULL,
           coalesce(t.state = 'suspended', false), CASE WHEN t.state = 'suspended' THEN c.suspended_until END, c.outcome, c.decided_at
    FROM challenge_case c JOIN person p ON p.id = c.student_id JOIN person w ON w.id = c.adult_id
         LEFT JOIN tie t ON t.id = c.tie_id LEFT JOIN registration r ON r.id = c.registration_id
    WHERE c.challenger_id = asking() AND (c.challenger_tie_id IS NULL) = (asking_side() = 'student') AND c.student_id = ANY (people_now(asking(), asking_side()))
      AND (c.decided_at IS NULL OR c.decided_at > now() - interval '1 year') ORDER BY c.id DESC
$$;

CREATE FUNCTION messages_of_my_challenge(which uuid) RETURNS TABLE (is_of_office boolean, words text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.is_of_office, m.words, m.at FROM challenge c JOIN challenge_message m ON m.challenge_id = c.id
    WHERE c.uuid = which AND c.uuid IN (SELECT k.uuid FROM my_challenges() k) ORDER BY m.id
$$;

-- 'sent'; 'many': twenty within a day; 'odd': empty or too long; '' where it is decided, or not one's own.
CREATE FUNCTION write_about_my_challenge(which uuid, said text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE c challenge;
BEGIN
    SELECT * INTO c FROM challenge k WHERE k.uuid = which AND k.decided_at IS NULL AND k.uuid IN (SELECT m.uuid FROM my_challenges() m) FOR UPDATE;
    IF c.id IS NULL THEN RETURN ''; END IF;
    RETURN write_message(c.id, NULL, NULL, said, false);
END $$;

CREATE FUNCTION write_message(of_challenge integer, of_tie integer, of_request integer, said text, by_office boolean) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF trim(said) = '' OR length(said) > 4000 THEN RETURN 'odd'; END IF;
    IF 20 <= (SELECT count(*) FROM challenge_message m WHERE (m.challenge_id = of_challenge OR m.tie_id = of_tie OR m.registration_id = of_request) AND m.author_id = asking()
              AND m.at > now() - interval '1 day') THEN RETURN 'many'; END IF;
    INSERT INTO challenge_message (challenge_id, tie_id, registration_id, author_id, is_of_office, words)
        VALUES (of_challenge, of_tie, of_request, asking(), by_office, trim(said));
    IF NOT by_office THEN
        PERFORM alert_of_challenge(c.id, false, false) FROM challenge c
            WHERE (c.id = of_challenge OR c.tie_id = of_tie OR c.registration_id = of_request) AND c.decided_at IS NULL ORDER BY c.id LIMIT 1;
    END IF;
    RETURN 'sent';
END $$;

-- ── What the adult reads whose tie is checked ──
-- Ties of mine that the office checks, or checked within 60 days, once I was told: it is closed, or the office wrote. Not of a child I am barred from.
-- And requests about which the office wrote, by the name that I typed: an office may write to anybody who asks, so no more is told by it than by its words.
CREATE FUNCTION my_checks() RETURNS TABLE (uuid uuid, child_name text, is_closed boolean, is_open boolean, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.uuid, first_name(p), t.state = 'suspended', EXISTS (SELECT FROM challenge c WHERE c.tie_id = t.id AND c.decided_at IS NULL), t.state
    FROM tie t JOIN person p ON p.id = t.student_id
    WHERE t.adult_id = asking() AND asking_side() = 'family' AND t.student_id <> ALL (barred_from())
      AND EXISTS (SELECT FROM challenge c WHERE c.tie_id = t.id AND (c.decided_at IS NULL OR c.decided_at > now() - interval '60 days')
                  AND (c.suspended_until IS NOT NULL OR EXISTS (SELECT FROM challenge_message m WHERE m.tie_id = t.id AND m.at >= c.asked_at)))
    UNION ALL
    SELECT r.uuid, r.child_given_name, false, EXISTS (SELECT FROM challenge c WHERE c.registration_id = r.id AND c.decided_at IS NULL), 'request'
    FROM registration r WHERE r.person_id = asking() AND asking_side() = side_of_request(r) AND r.child_birth_date IS NOT NULL
      AND EXISTS (SELECT FROM challenge_message m WHERE m.registration_id = r.id AND m.is_of_office AND m.at > now() - interval '60 days')
$$;

CREATE FUNCTION messages_of_my_check(which uuid) RETURNS TABLE (is_of_office boolean, words text, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.is_of_office, m.words, m.at FROM challenge_message m LEFT JOIN tie t ON t.id = m.tie_id LEFT JOIN registration r ON r.id = m.registration_id
    WHERE coalesce(t.uuid, r.uuid) = which AND which IN (SELECT k.uuid FROM my_checks() k) ORDER BY m.id
$$;

CREATE FUNCTION write_about_my_check(which uuid, said text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_checks() k WHERE k.uuid = which AND k.is_open) THEN RETURN ''; END IF;
    RETURN write_message(NULL, (SELECT t.id FROM tie t WHERE t.uuid = which), (SELECT r.id FROM registration r WHERE r.uuid = which), said, false);
END $$;
GRANT EXECUTE ON FUNCTION challengeable(uuid), begin_challenge(uuid, uuid, text, text), my_challenges(), messages_of_my_challenge(uuid),
    write_about_my_challenge(uuid, text), my_checks(), messages_of_my_check(uuid), write_about_my_check(uuid, text) TO app;
