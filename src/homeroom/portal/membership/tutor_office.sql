-- The district's side of tutors: it answers applications, takes an approval back, ends a tie. Only its setting lets tutors in at all.

-- An application is the whole district's business; never one's own, or of an adult of one's own children.
CREATE FUNCTION may_answer_tutor(a tutor_application) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i_decide_for(NULL) AND may_decide_about(a.person_id)
$$;

CREATE FUNCTION tutor_applications_shown()
RETURNS TABLE (uuid uuid, name text, address text, organization text, purpose text, asked_at timestamptz, state text, answered_at timestamptz, answerer text, students bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.uuid, full_name(p), address_of_family(p.id), a.organization, a.purpose, a.asked_at, a.state, a.answered_at,
           (SELECT full_name(w) FROM person w WHERE w.id = a.answered_by_id),
           (SELECT count(*) FROM tie t WHERE t.adult_id = p.id AND t.kind = 'tutor' AND t.state <> 'ended' AND (t.end_date IS NULL OR t.end_date > today()))
    FROM tutor_application a JOIN person p ON p.id = a.person_id
    WHERE may_answer_tutor(a) AND (a.state IN ('waiting', 'approved') OR a.answered_at > now() - interval '90 days')
    ORDER BY a.state <> 'waiting', a.id LIMIT 500
$$;

-- verdict: 'approved' or 'declined' of one that waits, 'ended' of an approval: every tie that rests on it ends. What it answers: verdict;
-- 'taken': answered meanwhile; 'evidence': seen in person, or nobody is let in; 'again': the last proof of who it is has grown old; ''.
CREATE FUNCTION answer_tutor(which uuid, verdict text, how text) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE a tutor_application;
BEGIN
    SELECT * INTO a FROM tutor_application q WHERE q.uuid = which FOR UPDATE;
    IF a.id IS NULL OR NOT may_answer_tutor(a) OR verdict NOT IN ('approved', 'declined', 'ended') THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF a.state <> (CASE verdict WHEN 'ended' THEN 'approved' ELSE 'waiting' END) THEN RETURN 'taken'; END IF;
    IF verdict = 'approved' AND how <> ALL (ARRAY['photo id', 'known']) THEN RETURN 'evidence'; END IF;
    UPDATE tutor_application SET state = verdict, evidence = CASE verdict WHEN 'approved' THEN how ELSE evidence END, answered_at = now(), answered_by_id = asking()
        WHERE id = a.id;
    PERFORM ledger_change('tutor ' || verdict, NULL, asking(), 'administrator', NULL, a.uuid::text), tell_account(a.person_id, 'family', 'request answered'),
        mail_account(c.id, 'answered') FROM account c WHERE c.person_id = a.person_id AND c.side = 'family';
    IF verdict = 'ended' THEN
        PERFORM stop_tutor(t.id, asking(), 'administrator', NULL, 'district') FROM tie t WHERE t.adult_id = a.person_id AND t.kind = 'tutor' AND t.state <> 'ended';
    END IF;
    RETURN verdict;
END $$;

-- Tutors of the children of my schools, or of the district's; not of a child that I have to do with.
CREATE FUNCTION tutor_ties_shown() RETURNS TABLE (uuid uuid, name text, organization text, child text, kinds text[], last_day date, has_consent boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.uuid, full_name(p), coalesce(c.organization, ''), full_name(w), t.view_kinds, t.end_date - 1, c.tie_id IS NOT NULL
    FROM tie t JOIN person p ON p.id = t.adult_id JOIN person w ON w.id = t.student_id LEFT JOIN tutor_consent c ON c.tie_id = t.id
    WHERE t.kind = 'tutor' AND t.state <> 'ended' AND (t.end_date IS NULL OR t.end_date > today()) AND may_end_tutor(t)
    ORDER BY p.family_name, p.id, w.given_name, t.id LIMIT 500
$$;

CREATE FUNCTION may_end_tutor(t tie) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM my_offices()) AND i_decide_for(school_of_student(t.student_id)) AND may_decide_about(t.adult_id) AND may_decide_about(t.student_id)
$$;

-- 'ended', 'taken', 'again', ''.
CREATE FUNCTION end_tutor_by_office(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE t tie;
BEGIN
    SELECT * INTO t FROM tie q WHERE q.uuid = which AND q.kind = 'tutor' FOR UPDATE;
    IF t.id IS NULL OR NOT may_end_tutor(t) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    RETURN stop_tutor(t.id, asking(), 'administrator', NULL, 'district');
END $$;

-- What the district switches off closes what families had consented to: grades, or everything. It opens nothing again by itself.
CREATE FUNCTION narrow_tutors() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM stop_tutor(t.id, NULL, 'operator', NULL, 'district') FROM tie t JOIN tutor_consent c ON c.tie_id = t.id
        WHERE t.state <> 'ended' AND NOT t.view_kinds && tutor_kinds();
    UPDATE tie t SET view_kinds = ARRAY(SELECT unnest(t.view_kinds) INTERSECT SELECT unnest(tutor_kinds()) ORDER BY 1)
        FROM tutor_consent c WHERE c.tie_id = t.id AND t.state <> 'ended' AND NOT t.view_kinds <@ tutor_kinds();
    RETURN NULL;
END $$;
CREATE TRIGGER tutors_narrowed AFTER UPDATE OF tutors ON district FOR EACH ROW WHEN (NEW.tutors IS DISTINCT FROM OLD.tutors) EXECUTE FUNCTION narrow_tutors();
GRANT EXECUTE ON FUNCTION tutor_applications_shown(), answer_tutor(uuid, text, text), tutor_ties_shown(), end_tutor_by_office(uuid) TO app;
