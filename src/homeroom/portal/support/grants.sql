-- A grant to support: proposed by one administrator of the district, confirmed by another (two_people.sql), ended by any of them.

-- For whoever proposes one: students whose names begin with these words. Nobody about whom the asker may not decide; asked in the
-- list's order, as for staff (administrators.sql).
CREATE FUNCTION students_for_support(words text) RETURNS TABLE (uuid uuid, name text, school text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT w.uuid, w.name, coalesce((SELECT string_agg(DISTINCT s.name, ', ') FROM role r JOIN school s ON s.id = r.school_id
                                     WHERE r.person_id = w.id AND r.role = 'student' AND r.ended_at IS NULL), '')
    FROM (SELECT p.id, p.uuid, full_name(p) AS name, lower(full_name(p)) AS place FROM person p
          WHERE p.id IN (SELECT people_found(words)) AND i_decide_for(NULL) AND p.is_student AND p.ended_at IS NULL
          ORDER BY place, p.id OFFSET 0) w
    WHERE may_decide_about(w.id) ORDER BY w.place, w.id LIMIT 20
$$;

-- Those named by a form, in its order.
CREATE FUNCTION students_named_for_support(children uuid[]) RETURNS TABLE (id integer, uuid uuid, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.uuid, full_name(p) FROM unnest(children) WITH ORDINALITY AS u (child, place) JOIN person p ON p.uuid = u.child
    WHERE i_decide_for(NULL) AND p.is_student AND p.ended_at IS NULL AND may_decide_about(p.id) ORDER BY u.place
$$;

CREATE FUNCTION supporters_shown() RETURNS TABLE (uuid uuid, name text, added_at timestamptz, registered_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.uuid, p.name, p.added_at, p.registered_at FROM supporter p WHERE i_decide_for(NULL) AND p.ended_at IS NULL ORDER BY lower(p.name), p.id
$$;

-- 'proposed', 'taken', 'again'; 'hours' (not 1 to 4); 'many' (more than 20 students); 'runs': this supporter has a grant already; ''.
CREATE FUNCTION propose_support(of_supporter uuid, hours integer, children uuid[], why text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE whom integer := (SELECT p.id FROM supporter p WHERE p.uuid = of_supporter AND p.registered_at IS NOT NULL AND p.ended_at IS NULL);
BEGIN
    IF whom IS NULL OR NOT i_decide_for(NULL) THEN RETURN ''; END IF;
    IF hours IS NULL OR hours NOT BETWEEN 1 AND 4 THEN RETURN 'hours'; END IF;
    IF cardinality(children) > 20 THEN RETURN 'many'; END IF;
    IF (SELECT count(DISTINCT s.id) FROM students_named_for_support(children) s) <> cardinality(children) THEN RETURN ''; END IF;
    IF has_support(whom) THEN RETURN 'runs'; END IF;
    RETURN propose('support', NULL, NULL, jsonb_build_object('supporter', of_supporter, 'hours', hours, 'students', to_jsonb(children)), why);
END $$;

CREATE FUNCTION has_support(of_supporter integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM support_grant g WHERE g.supporter_id = of_supporter AND g.ended_at IS NULL AND g.until > now())
$$;

CREATE FUNCTION students_of_support(what jsonb) RETURNS integer[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(p.id ORDER BY u.place), '{}')
    FROM jsonb_array_elements_text(what->'students') WITH ORDINALITY AS u (child, place) JOIN person p ON p.uuid = u.child::uuid AND p.is_student
$$;

-- Nobody proposes, confirms or stops a look at a child about whom they may not decide; and whom the board named is no administrator.
CREATE FUNCTION may_decide_on(p proposal) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT may_decide_about(p.person_id)
        AND (p.kind <> 'support' OR i_decide_for(NULL) AND NOT EXISTS (SELECT FROM unnest(students_of_support(p.payload)) s WHERE NOT may_decide_about(s)))
        AND (p.kind <> 'lifted suspension' OR may_decide_about((SELECT c.student_id FROM challenge_case c WHERE c.uuid = (p.payload->>'challenge')::uuid)))
        AND (NOT p.payload ? 'student' OR may_decide_about((SELECT q.id FROM person q WHERE q.uuid = (p.payload->>'student')::uuid)))
$$;

-- What a second reads beside the proposal: to whom, and which students. NULL for one from whom the reader is barred.
CREATE FUNCTION support_proposed(what jsonb) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT what || jsonb_build_object('name', (SELECT name FROM supporter WHERE uuid = (what->>'supporter')::uuid), 'names', to_jsonb(names_of_support(students_of_support(what))))
$$;

CREATE FUNCTION names_of_support(students integer[]) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(CASE WHEN u.student <> ALL (barred_from()) THEN full_name(p) END ORDER BY u.place), '{}')
    FROM unnest(students) WITH ORDINALITY AS u (student, place) LEFT JOIN person p ON p.id = u.student
$$;

-- Carries it out: not twice for one supporter at a time, and not where a student or the supporter is gone.
CREATE FUNCTION make_support_grant(p proposal) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE whom integer; chosen integer[] := students_of_support(p.payload);
BEGIN
    SELECT s.id INTO whom FROM supporter s WHERE s.uuid = (p.payload->>'supporter')::uuid AND s.registered_at IS NOT NULL AND s.ended_at IS NULL FOR UPDATE;
    IF whom IS NULL OR has_support(whom) OR cardinality(chosen) <> jsonb_array_length(p.payload->'students') THEN RETURN false; END IF;
    INSERT INTO support_grant (supporter_id, proposal_id, students, until)
        VALUES (whom, p.id, chosen, now() + make_interval(hours => (p.payload->>'hours')::integer));
    PERFORM ledger_change('support granted', NULL, p.decided_by_id, 'administrator', NULL, p.uuid::text);
    PERFORM tell_administrators(NULL, 'support begun');
    RETURN true;
END $$;

-- By any administrator of the district, whatever children they have: 'ended', 'again', or '' where none runs.
CREATE FUNCTION end_support(which uuid, why text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE g support_grant;
BEGIN
    SELECT * INTO g FROM support_grant r WHERE r.uuid = which AND r.ended_at IS NULL AND r.until > now() AND i_decide_for(NULL) FOR UPDATE;
    IF g.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    UPDATE support_grant r SET ended_at = now(), ended_by_id = asking(), words = why WHERE r.id = g.id;
    UPDATE support_session s SET ended_at = now() WHERE s.grant_id = g.id AND s.ended_at IS NULL;
    PERFORM ledger_change('support ended', NULL, asking(), 'administrator', NULL, g.uuid::text);
    PERFORM tell_administrators(NULL, 'support ended');
    RETURN 'ended';
END $$;

-- For the page of whoever may end them: those that run first; looks: how many students were looked at.
CREATE FUNCTION support_grants_shown() RETURNS TABLE (uuid uuid, name text, reason text, proposer text, second text, names text[], began_at timestamptz, until timestamptz,
    ended_at timestamptz, ended_by text, words text, runs boolean, looks bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT g.uuid, s.name, p.reason, full_name(a), full_name(b), names_of_support(g.students), g.began_at, g.until, g.ended_at, full_name(e), g.words,
           g.ended_at IS NULL AND g.until > now() AND s.ended_at IS NULL,
           (SELECT count(DISTINCT w.student_id) FROM ledger l JOIN ledger_student w ON w.entry_id = l.id
            WHERE w.student_id = ANY (g.students) AND w.at BETWEEN g.began_at AND g.until AND l.event = 'look' AND l.capacity = 'support' AND l.reason = g.uuid::text)
    FROM support_grant g JOIN supporter s ON s.id = g.supporter_id JOIN proposal p ON p.id = g.proposal_id JOIN person a ON a.id = p.proposed_by_id
         JOIN person b ON b.id = p.decided_by_id LEFT JOIN person e ON e.id = g.ended_by_id
    WHERE i_decide_for(NULL) ORDER BY (g.ended_at IS NULL AND g.until > now()) DESC, g.id DESC LIMIT 100
$$;
-- Whether the person asking is an administrator of the whole district.
CREATE FUNCTION i_act_for_district() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL);
END $$;
GRANT EXECUTE ON FUNCTION i_act_for_district() TO app;
GRANT EXECUTE ON FUNCTION students_for_support(text), students_named_for_support(uuid[]), supporters_shown(), propose_support(uuid, integer, uuid[], text),
    end_support(uuid, text), support_grants_shown() TO app;
