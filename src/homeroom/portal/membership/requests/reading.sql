-- Requests as their asker sees them, and the office's queue.

-- My requests, in my own words and with the school I typed. The school that got the request would
-- reveal where the child is. The answer is only yes or no, and reads the same if there is no such
-- child.
CREATE FUNCTION my_registrations()
RETURNS TABLE (uuid uuid, child text, school text, asked_at timestamptz, state text,
    answered_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT r.uuid, r.child_given_name || ' ' || r.child_family_name,
        (SELECT s.name FROM school s WHERE s.id = r.school_id), r.asked_at, r.state, r.answered_at
    FROM registration r WHERE r.person_id = asking() AND asking_side() = side_of_request(r)
      AND (r.state = 'waiting' OR r.state = 'declined'
          AND r.answered_at > now() - interval '60 days') ORDER BY r.id;
END $$;

-- Counts waiting requests by kind. Principals get 0, since they read what the school's offices
-- answered, and can't answer.
CREATE FUNCTION registrations_counted(of_school uuid)
RETURNS TABLE (to_check bigint, exact bigint, overdue bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF schools_i_approve_for(of_school) = '{}' THEN
        RETURN QUERY SELECT 0::bigint, 0::bigint, 0::bigint;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT count(*) FILTER (WHERE NOT r.is_exact), count(*) FILTER (WHERE r.is_exact),
        count(*) FILTER (WHERE r.asked_at < (SELECT overdue_from()))
    FROM registration r WHERE r.state = 'waiting'
      AND r.office_id = ANY ((SELECT schools_i_approve_for(of_school))::integer[])
      AND r.person_id <> ALL ((SELECT people_i_do_not_decide_on())::integer[])
      AND (r.student_id IS NULL
          OR r.student_id <> ALL (ARRAY(SELECT children_not_decided_by(asking()))));
END $$;

-- The queue, oldest first, or the answered requests, newest first, for principals too. `after` is
-- the last row of the previous page. Each call is planned by itself, since one plan for both orders
-- sorts everything that waits. `has_match` is whether one record has this name and birth date. It
-- is NULL until the jobs process has checked.
CREATE FUNCTION registrations_shown(which text, of_school uuid, after integer)
RETURNS TABLE (number integer, uuid uuid, adult text, child text, school text,
    asked_at timestamptz, has_match boolean, state text, answered_at timestamptz, answerer text,
    evidence text, is_self boolean, is_overdue boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE schools integer[] := schools_i_approve_for(of_school);
    nobody integer[] := people_i_do_not_decide_on();
    mine integer[] := ARRAY(SELECT children_not_decided_by(asking()));
BEGIN
    IF which = 'answered' THEN
        schools := schools || ARRAY(SELECT d.school_id
            FROM my_duties() d JOIN school s ON s.id = d.school_id
                                    WHERE d.duty = 'principal'
                                      AND (of_school IS NULL OR s.uuid = of_school));
    END IF;
    RETURN QUERY
    SELECT r.id, r.uuid, full_name(p), r.child_given_name || ' ' || r.child_family_name, s.name,
           r.asked_at,
           CASE WHEN r.student_id IS NOT NULL THEN true
               WHEN r.matched_at IS NOT NULL THEN false END,
           r.state, r.answered_at,
           (SELECT full_name(w) FROM person w WHERE w.id = r.answered_by_id), r.evidence,
           r.relation = 'self', r.state = 'waiting' AND r.asked_at < (SELECT overdue_from())
    FROM (SELECT q.* FROM registration q
          WHERE q.office_id = ANY (schools) AND q.person_id <> ALL (nobody)
            AND (q.student_id IS NULL OR q.student_id <> ALL (mine))
            AND CASE which WHEN 'answered' THEN q.state IN ('approved', 'declined')
                AND (after IS NULL OR q.id < after)
                           ELSE
                               q.state = 'waiting' AND q.is_exact = (which = 'exact')
                                   AND (after IS NULL OR q.id > after) END
          ORDER BY CASE which WHEN 'answered' THEN -q.id ELSE q.id END LIMIT 51) r
         JOIN person p ON p.id = r.person_id LEFT JOIN school s ON s.id = r.office_id
    ORDER BY CASE which WHEN 'answered' THEN -r.id ELSE r.id END;
END $$;

-- One request as it was typed, with the asker's verified email and who answered it.
CREATE FUNCTION registration_shown(which uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN NULL; END IF;
    RETURN (SELECT jsonb_build_object('adult', full_name(p), 'first_name', p.given_name, 'relation',
        r.relation, 'phone', r.phone, 'asked_at', r.asked_at, 'state', r.state,
        'child', r.child_given_name || ' ' || r.child_family_name, 'birth_date', r.child_birth_date,
        'school', (SELECT s.name FROM school s WHERE s.id = r.school_id),
        'answered_at', r.answered_at, 'answerer',
        (SELECT full_name(w) FROM person w WHERE w.id = r.answered_by_id), 'is_exact', r.is_exact,
        'letter_to', (SELECT name_of_contact(c)
            FROM contact_code k JOIN contact c ON c.id = k.contact_id
            WHERE k.id = r.contact_code_id),
        'address', address_of_asker(r))
    FROM registration r JOIN person p ON p.id = r.person_id
    WHERE r.uuid = which AND r.child_birth_date IS NOT NULL AND may_answer_registration(r));
END $$;

-- Students it may be about, likeliest first, five at most, if the view opened them. Shows the
-- record next to the claim. The contact that fits the asker best is included, and no other adult's
-- data. For a restriction, only the fact that there is one.
CREATE FUNCTION records_beside(which uuid)
RETURNS TABLE (student uuid, name text, birth_date date, school text, grade_levels text[],
    same_name boolean, same_birth boolean, is_barred boolean, is_tied boolean, contact jsonb,
    statement json)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM schools_of_my_office()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), (SELECT d.birth_date FROM demographic d WHERE d.person_id = p.id),
           s.name, p.grade_levels, l.same_name, l.same_birth,
           EXISTS (SELECT FROM restriction x
               WHERE x.student_id = p.id AND (x.end_date IS NULL OR x.end_date > today())),
           CASE WHEN r.relation = 'self' THEN has_student_account(p.id)
               ELSE EXISTS (SELECT FROM tie t WHERE t.student_id = p.id AND t.adult_id = r.person_id
                                                AND t.state <> 'ended'
                                                AND (t.end_date IS NULL
                                                    OR t.end_date > today())) END,
           CASE WHEN r.relation = 'self' THEN details_beside(p.id) ELSE contact_beside(r, p.id) END,
           statements_about(p.id, true, false)
    FROM registration r, students_for(r) l JOIN person p ON p.id = l.student_id
         LEFT JOIN school s ON s.id = school_of_student(p.id)
    WHERE r.uuid = which AND may_answer_registration(r) AND p.id = ANY (opened('birth date'))
    ORDER BY l.fits DESC, l.same_birth DESC, p.id LIMIT 5;
END $$;

GRANT EXECUTE ON FUNCTION my_registrations(), registrations_counted(uuid),
    registrations_shown(text, uuid, integer), registration_shown(uuid), records_beside(uuid) TO app;
