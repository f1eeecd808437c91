-- Numbers, dates and words from closed lists, for a supporter. These functions return no text that
-- a person or a file wrote, since a title, a comment or a local code may contain a name. Students,
-- classes, teachers and adults are named by their place in a list.

CREATE FUNCTION asking_support() RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT grant_id FROM running_support);
END $$;

-- The door makes passkeys and sessions, and learns about no one here.
CREATE FUNCTION supporter_of_code(digest bytea) RETURNS TABLE (uuid uuid, name text)
LANGUAGE sql STABLE AS $$
    SELECT p.uuid, p.name FROM supporter p
    WHERE p.code = digest AND p.code_until > now() AND p.registered_at IS NULL
      AND p.ended_at IS NULL
$$;

CREATE FUNCTION supporter_of_passkey(credential bytea) RETURNS TABLE (uuid uuid, public_half bytea)
LANGUAGE sql STABLE AS $$
    SELECT p.uuid, p.attested FROM supporter p
    WHERE p.credential_id = credential AND p.ended_at IS NULL
$$;

-- The students of the list that the view recorded, for the administrator who proposes a grant.
CREATE FUNCTION students_for_support() RETURNS TABLE (uuid uuid, name text, school text)
LANGUAGE plpgsql STABLE AS $$
DECLARE listed integer[] := listed_by('support students');
BEGIN
    IF listed IS NULL OR NOT i_decide_for(NULL) THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, full_name(p), coalesce((SELECT string_agg(DISTINCT s.name, ', ')
            FROM role r JOIN school s ON s.id = r.school_id
                                     WHERE r.person_id = p.id AND r.role = 'student'
                                       AND r.ended_at IS NULL), '')
    FROM unnest(listed) WITH ORDINALITY u (id, place) JOIN person p USING (id)
    WHERE may_decide_about(p.id) ORDER BY u.place;
END $$;

-- Students that a form names, in its order, if the view recorded them.
CREATE FUNCTION students_named_for_support(children uuid[])
RETURNS TABLE (id integer, uuid uuid, name text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := listed_by('support students');
BEGIN
    IF listed IS NULL OR NOT i_decide_for(NULL) THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.id, p.uuid, full_name(p)
    FROM unnest(children) WITH ORDINALITY AS u (child, place) JOIN person p ON p.uuid = u.child
    WHERE p.id = ANY (listed) AND may_decide_about(p.id) ORDER BY u.place;
END $$;

CREATE FUNCTION supporters_shown()
RETURNS TABLE (uuid uuid, name text, added_at timestamptz, registered_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.uuid, p.name, p.added_at, p.registered_at FROM supporter p
    WHERE i_decide_for(NULL) AND p.ended_at IS NULL ORDER BY lower(p.name), p.id;
END $$;

-- For administrators who may end them: running grants first, after a view of that page's students.
-- A grant that names no one needs no view. `looks` is how many students were viewed.
CREATE FUNCTION support_grants_shown(after integer)
RETURNS TABLE (uuid uuid, name text, reason text, proposer text, second text, names text[],
    began_at timestamptz, until timestamptz, ended_at timestamptz, ended_by text, words text,
    runs boolean, looks bigint, place integer, has_more boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE listed integer[] := coalesce(listed_by('support grants'), '{}');
    barred integer[] := barred_from();
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT g.uuid, s.name, p.reason, full_name(a), full_name(b), names_of_support(g.students),
           g.began_at, g.until, g.ended_at, full_name(e), g.words,
           g.ended_at IS NULL AND g.until > now() AND s.ended_at IS NULL,
           (SELECT count(DISTINCT w.student_id)
               FROM ledger l JOIN ledger_student w ON w.entry_id = l.id
            WHERE w.student_id = ANY (g.students) AND w.at BETWEEN g.began_at AND g.until
              AND l.event = 'look' AND l.capacity = 'support' AND l.reason = g.uuid::text),
           w.place, w.has_more
    FROM page_of_grants(after) w JOIN support_grant g ON g.id = w.id
         JOIN supporter s ON s.id = g.supporter_id
         JOIN proposal p ON p.id = g.proposal_id JOIN person a ON a.id = p.proposed_by_id
         JOIN person b ON b.id = p.decided_by_id LEFT JOIN person e ON e.id = g.ended_by_id
    WHERE NOT EXISTS (SELECT FROM person n
        WHERE n.id = ANY (g.students) AND n.id <> ALL (listed) AND n.id <> ALL (barred))
    ORDER BY w.place;
END $$;

-- Whether the person asking is an administrator of the whole district.
CREATE FUNCTION i_act_for_district() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL);
END $$;

CREATE FUNCTION support_classes()
RETURNS TABLE (class bigint, left_on date, terms date[], teachers bigint[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking_support() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    WITH mine AS MATERIALIZED (SELECT * FROM classes_in_support()),
         taught AS (SELECT e.section_id, dense_rank() OVER (ORDER BY e.person_id) AS teacher
             FROM enrollment e
                    WHERE e.section_id IN (SELECT m.section_id FROM mine m) AND e.role = 'teacher'
                      AND e.ended_at IS NULL AND (e.end_date IS NULL OR e.end_date > today()))
    SELECT m.class, m.left_on,
           (SELECT array_agg(ARRAY[t.start_date, t.end_date] ORDER BY t.end_date)
               FROM section_term st JOIN term t ON t.id = st.term_id
            WHERE st.section_id = m.section_id AND t.ended_at IS NULL),
           ARRAY(SELECT w.teacher FROM taught w WHERE w.section_id = m.section_id ORDER BY 1)
    FROM mine m ORDER BY m.class;
END $$;

-- Work with this student's result, newest first. Work without a result is listed once it is
-- assigned. `kind` is the category's number.
CREATE FUNCTION support_work()
RETURNS TABLE (class bigint, kind bigint, weight float8, due_date date, out_of float8,
    is_grade boolean, term_starts date, term_ends date, score float8, mark text, status smallint,
    score_date date, is_late boolean, is_missing boolean, is_incomplete boolean,
    in_progress boolean, delivery integer, changed_by integer, old_score float8, old_mark text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking_support() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.class, dense_rank() OVER (ORDER BY l.category_id), c.weight, l.due_date, l.score_max,
           l.is_grade, t.start_date, t.end_date,
           r.score, mark_in_support(r.text_score), r.status, r.score_date, r.is_late, r.is_missing,
           r.is_incomplete, r.in_progress,
           r.delivery_id, x.delivery_id, x.old_score, mark_in_support(x.old_text_score)
    FROM classes_in_support() m JOIN line_item l ON l.section_id = m.section_id
        AND l.ended_at IS NULL
         JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
         LEFT JOIN LATERAL (SELECT * FROM result o
             WHERE o.student_id = (SELECT student_in_support()) AND o.line_item_id = l.id
               AND o.ended_at IS NULL
                            ORDER BY o.score_date DESC, o.id DESC LIMIT 1) r ON true
         LEFT JOIN LATERAL (SELECT * FROM result_change y WHERE y.result_id = r.id
             ORDER BY y.id DESC LIMIT 1) x ON true
    WHERE r.id IS NOT NULL OR l.assign_date <= today()
    ORDER BY l.due_date DESC, l.id DESC LIMIT 2000;
END $$;

-- `presence` and `excuse` are what the district set its codes to mean, or 0 and 0 if it set
-- nothing. A class has only its number.
CREATE FUNCTION support_marks(since date)
RETURNS TABLE (day date, presence smallint, excuse smallint, is_whole_day boolean, classes bigint[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking_support() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT m.day, coalesce(both_set.presence, alone.presence, 0::smallint),
           coalesce(both_set.excuse, alone.excuse, 0::smallint), bool_or(m.section_id IS NULL),
           array_agg(DISTINCT c.class) FILTER (WHERE c.class IS NOT NULL)
    FROM attendance_mark m
         LEFT JOIN attendance_code both_set ON both_set.status = lower(btrim(m.status))
             AND both_set.excuse_code = lower(btrim(m.excuse_code))
         LEFT JOIN attendance_code alone ON alone.status = lower(btrim(m.status))
             AND alone.excuse_code = ''
         LEFT JOIN classes_in_support() c ON c.section_id = m.section_id
    WHERE m.student_id = (SELECT student_in_support()) AND m.day >= since AND m.ended_at IS NULL
    GROUP BY 1, 2, 3 ORDER BY 1;
END $$;

-- Adults and their ties, and why one gives no access: 'state', 'not begun', 'over', 'barred', 'no
-- account', 'asleep', 'closed'. For a restriction, only that there is one.
CREATE FUNCTION support_ties()
RETURNS TABLE (adult bigint, relation text, kind text, state text, proof text, first_day date,
    end_date date, views text[], closed_by text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking_support() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT dense_rank() OVER (ORDER BY t.adult_id),
           CASE WHEN lower(t.relation) IN ('mother', 'father', 'parent', 'guardian', 'grandmother',
                   'grandfather', 'aunt', 'uncle') THEN lower(t.relation) ELSE '' END,
           t.kind, t.state, t.proof, t.start_date, t.end_date, t.view_kinds,
           CASE WHEN is_restricted(t.adult_id, t.student_id) THEN 'barred'
               WHEN t.state NOT IN ('approved', 'under challenge') OR t.is_shut THEN 'state'
                WHEN t.start_date > today() THEN 'not begun' WHEN t.end_date <= today() THEN 'over'
                WHEN a.id IS NULL THEN 'no account'
                WHEN NOT a.is_active THEN 'closed'
                WHEN NOT EXISTS (SELECT FROM credential k WHERE k.account_id = a.id) THEN 'asleep'
                ELSE '' END
    FROM tie t LEFT JOIN account a ON a.person_id = t.adult_id AND a.side = 'family'
    WHERE t.student_id = (SELECT student_in_support()) ORDER BY 1, t.id;
END $$;

-- Files and what became of them, while the grant runs. They are about no student, so no view is
-- needed. `numbers` has only values that are numbers.
CREATE FUNCTION support_deliveries()
RETURNS TABLE (received_at timestamptz, signed_at timestamptz, ended_at timestamptz, state text,
    reason text, numbers jsonb, counts jsonb, refused jsonb) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking_support() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT d.received_at, d.signed_at, d.ended_at, d.state, d.reason,
           (SELECT coalesce(jsonb_object_agg(n.key, n.value), '{}') FROM jsonb_each(d.numbers) n
               WHERE jsonb_typeof(n.value) = 'number'), d.counts,
           (SELECT coalesce(jsonb_object_agg(w.why, w.rows), '{}')
               FROM (SELECT r.file || ': ' || r.reason AS why, count(*) AS rows FROM refused_row r
                                                WHERE r.delivery_id = d.id GROUP BY 1) w)
    FROM delivery d WHERE asking_support() IS NOT NULL ORDER BY d.id DESC LIMIT 30;
END $$;

-- Whether families see estimates if the file has no grade. It is a setting, read while the grant
-- runs.
CREATE FUNCTION support_estimates() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF asking_support() IS NULL THEN RETURN NULL; END IF;
    RETURN (SELECT d.estimates FROM district d);
END $$;

GRANT EXECUTE ON FUNCTION asking_support(), students_for_support(),
    students_named_for_support(uuid[]), supporters_shown(), support_grants_shown(integer),
    i_act_for_district(), support_classes(), support_work(), support_marks(date), support_ties(),
    support_deliveries(), support_estimates() TO app;
GRANT EXECUTE ON FUNCTION supporter_of_code(bytea), supporter_of_passkey(bytea) TO door;
