-- Which support session asks, and what a grant covers.

-- The grant of the session that asks, while it runs. It uses the clock and not the transaction's
-- beginning, so a page in progress closes with the first statement after the end. A view, as
-- asking_session is. No login may read it.
CREATE VIEW running_support AS
    SELECT s.key AS session_key, s.last_seen_at, g.id AS grant_id, g.uuid, g.students, g.until,
        p.name
    FROM support_session s JOIN support_grant g ON g.id = s.grant_id
         JOIN supporter p ON p.id = g.supporter_id
    WHERE s.key = (SELECT asking_key())
      AND current_setting('transaction_isolation') = 'read committed'
      AND s.ended_at IS NULL AND s.last_seen_at > clock_timestamp() - interval '1 hour'
      AND g.ended_at IS NULL AND g.until > clock_timestamp() AND p.ended_at IS NULL;

CREATE FUNCTION has_support(of_supporter integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM support_grant g
        WHERE g.supporter_id = of_supporter AND g.ended_at IS NULL AND g.until > now())
$$;

CREATE FUNCTION students_of_support(what jsonb) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(p.id ORDER BY u.place), '{}')
    FROM jsonb_array_elements_text(what->'students') WITH ORDINALITY AS u (child, place)
         JOIN person p ON p.uuid = u.child::uuid AND p.is_student
$$;

CREATE FUNCTION names_of_support(students integer[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(CASE WHEN u.student <> ALL (barred_from()) THEN full_name(p) END
            ORDER BY u.place), '{}')
    FROM unnest(students) WITH ORDINALITY AS u (student, place)
         LEFT JOIN person p ON p.id = u.student
$$;

-- Adds what the second approver sees next to the proposal: the supporter and the students. A
-- student's name is NULL if the reader is restricted from that student.
CREATE FUNCTION support_proposed(what jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT what || jsonb_build_object('name',
        (SELECT name FROM supporter WHERE uuid = (what->>'supporter')::uuid), 'names',
        to_jsonb(names_of_support(students_of_support(what))))
$$;

-- The student that this request's view opened, while the grant runs. This is the only copy of the
-- rule, for every function below. As with open_opening, a view of the running transaction could
-- still be rolled back, so it does not count.
CREATE FUNCTION student_in_support() RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE named bigint := asking_look();
BEGIN
    RETURN (SELECT o.student_id
        FROM support_opening o JOIN running_support r ON r.session_key = o.session_key
            WHERE o.entry_id = named AND o.until > clock_timestamp()
              AND o.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint);
END $$;

-- Classes in the order of a family's page: those whose term has begun.
CREATE FUNCTION classes_in_support() RETURNS TABLE (section_id integer, class bigint, left_on date)
LANGUAGE sql STABLE AS $$
    SELECT e.section_id, row_number() OVER (ORDER BY s.title, s.id), e.end_date
    FROM enrollment e JOIN section s ON s.id = e.section_id
    WHERE e.person_id = (SELECT student_in_support()) AND e.role = 'student' AND e.ended_at IS NULL
      AND s.ended_at IS NULL
      AND (e.begin_date IS NULL OR e.begin_date <= today())
      AND e.section_id = ANY ((SELECT sections_of(ARRAY[student_in_support()]))::integer[])
$$;

-- A letter grade, if it is one. Any other text in place of a score becomes '…'.
CREATE FUNCTION mark_in_support(score_text text) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN score_text ~ '^[A-F][+-]?$' THEN score_text WHEN score_text <> '' THEN '…' END
$$;

-- Returns the students with these UUIDs that a grant may name.
CREATE FUNCTION students_to_support(children uuid[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT p.id FROM person p WHERE p.uuid = ANY (children) AND p.is_student
        AND p.ended_at IS NULL AND may_decide_about(p.id) ORDER BY p.id;
END $$;

-- A page of grants, running ones first: as many as name 100 students.
CREATE FUNCTION page_of_grants(after integer)
RETURNS TABLE (id integer, place integer, has_more boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT i_decide_for(NULL) THEN RETURN; END IF;
    RETURN QUERY
    SELECT w.id, w.place, w.place < w.last
    FROM (SELECT o.*, sum(o.named) OVER (ORDER BY o.place) AS so_far
          FROM (SELECT g.id, cardinality(g.students) AS named, (count(*) OVER ())::integer AS last,
                    (row_number() OVER (ORDER BY (g.ended_at IS NULL AND g.until > now()) DESC,
                        g.id DESC))::integer AS place
                FROM support_grant g) o
          WHERE o.place > coalesce(after, 0)) w
    WHERE w.so_far <= 100 ORDER BY w.place LIMIT 100;
END $$;

-- The students of that page's grants, without those that the asker is restricted from.
CREATE FUNCTION seen_in_grants(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE barred integer[] := barred_from();
BEGIN
    IF subject IS NOT NULL OR coalesce(words, '') <> '' THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.id, NULL::integer, wanted, 'administrator', NULL::integer
    FROM page_of_grants(after) w JOIN support_grant g ON g.id = w.id
         CROSS JOIN unnest(g.students) u (student) JOIN person p ON p.id = u.student
    WHERE p.id <> ALL (barred) GROUP BY p.id ORDER BY min(w.place), p.id;
END $$;

-- For the administrator who proposes a grant: students that the form chose already, by UUID, and
-- students whose names begin with the other words. Leaves out students that the asker may not
-- decide about.
CREATE FUNCTION seen_for_support(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE chosen uuid[] := '{}'; typed text := ''; word text;
    apart integer[] := people_not_decided_by(asking());
BEGIN
    IF subject IS NOT NULL OR NOT i_decide_for(NULL) THEN RETURN; END IF;
    FOREACH word IN ARRAY string_to_array(coalesce(words, ''), ' ') LOOP
        IF pg_input_is_valid(word, 'uuid') THEN chosen := chosen || word::uuid;
        ELSE typed := typed || ' ' || word; END IF;
    END LOOP;
    RETURN QUERY
    SELECT s, NULL::integer, wanted, 'administrator', NULL::integer
    FROM students_to_support(chosen) s LIMIT 80;
    IF names_begin(typed) IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.id, NULL::integer, wanted, 'administrator', NULL::integer
    FROM person p
    WHERE p.id IN (SELECT people_found(typed)) AND p.is_student AND p.ended_at IS NULL
      AND p.uuid <> ALL (chosen) AND p.id <> ALL (apart)
    ORDER BY p.family_name, p.given_name, p.id LIMIT 20;
END $$;
