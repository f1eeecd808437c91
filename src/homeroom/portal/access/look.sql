-- A look comes before a read: look() writes who, in which capacity, by which tie, which kinds of data, which students, when;
-- it commits in a transaction of its own; only then do reading functions answer, for 30 seconds.
-- 34 CFR 99.31(a)(1)(ii): reasonable methods, so that staff reach only records in which they have a legitimate interest.

CREATE FUNCTION kinds_of_act(act text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE act WHEN 'home' THEN ARRAY['grades', 'attendance', 'ledger']
                    WHEN 'child' THEN ARRAY['grades', 'attendance', 'ledger']
                    WHEN 'who has looked' THEN ARRAY['ledger']
                    WHEN 'who can see' THEN ARRAY['ledger']
                    WHEN 'gradebook' THEN ARRAY['grades']
                    WHEN 'class names' THEN ARRAY['names']
                    WHEN 'same person' THEN ARRAY['birth date']
                    WHEN 'request' THEN ARRAY['contacts', 'birth date']
                    WHEN 'tie check' THEN ARRAY['contacts']
                    WHEN 'birthdays' THEN ARRAY['birth date']
                    WHEN 'adults' THEN ARRAY['contacts']
                    WHEN 'ledger check' THEN ARRAY['ledger']
                    WHEN 'changes' THEN ARRAY['changes'] END;
END $$;

-- Students an hour, by capacity; the district's own numbers win. A whole school read in one night would stop here.
CREATE FUNCTION look_cap(capacity text) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT (caps->>capacity)::integer FROM district),
                    CASE capacity WHEN 'family' THEN 2000 WHEN 'student' THEN 1000 WHEN 'teacher' THEN 10000 ELSE 3000 END)
$$;

-- Whom this act would show, by which tie, which kinds. One row a student; none: closed.
CREATE FUNCTION seen_by(act text, subject uuid)
RETURNS TABLE (student_id integer, tie_id integer, kinds text[], capacity text, section_id integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE wanted text[] := kinds_of_act(act); me integer; side text;
BEGIN
    SELECT s.person_id, s.side INTO me, side FROM asking_session s;
    IF act = 'gradebook' THEN
        RETURN QUERY
        SELECT e.person_id, NULL::integer, wanted,
               CASE WHEN s.id IN (SELECT sections_i_teach()) THEN 'teacher'
                    ELSE coalesce('duty: ' || (SELECT min(d.duty) FROM my_duties() d
                                               WHERE d.school_id = s.school_id AND d.duty IN ('principal', 'counselor')), 'teacher of the school') END,
               s.id
        FROM section s, LATERAL (  -- who dropped the class, too, for who teaches it: sections_i_teach() closes both 30 days after its session
                SELECT DISTINCT n.person_id FROM enrollment n WHERE n.section_id = s.id AND n.role = 'student'
                    AND (n.ended_at IS NULL OR s.id IN (SELECT sections_i_teach()) AND closes_to_teacher_on(s.id) > today()
                         AND EXISTS (SELECT FROM enrollment k WHERE k.section_id = s.id AND k.person_id = me AND k.role = 'teacher' AND k.ended_at IS NULL
                                     AND (k.begin_date IS NULL OR k.begin_date <= (n.ended_at AT TIME ZONE (SELECT d.time_zone FROM district d))::date)))) e
        WHERE s.uuid = subject AND s.id IN (SELECT sections_i_may_open()) AND NOT is_restricted(me, e.person_id);
    ELSIF act = 'class names' THEN  -- a substitute, on the days that were named
        RETURN QUERY
        SELECT e.person_id, NULL::integer, wanted, 'substitute', u.section_id
        FROM my_substitutions() u JOIN section s ON s.id = u.section_id JOIN enrollment e ON e.section_id = s.id AND e.role = 'student' AND e.ended_at IS NULL
        WHERE s.uuid = subject AND NOT is_restricted(me, e.person_id);
    ELSIF act = 'same person' THEN  -- a question of an import: subject is the question
        RETURN QUERY
        SELECT q.person_id, NULL::integer, wanted, 'administrator', NULL::integer
        FROM question q WHERE q.uuid = subject AND may_answer_about(q.person_id);
    ELSIF act = 'request' THEN  -- somebody asks to see a child: the records that it may be about, five at most
        RETURN QUERY
        SELECT l.student_id, NULL::integer, wanted, office_i_act_in(), NULL::integer
        FROM registration r, students_for(r) l
        WHERE r.uuid = subject AND may_answer_registration(r) AND may_decide_about(l.student_id)
          AND EXISTS (SELECT FROM schools_of_my_office() s WHERE s IS NULL OR is_of_school(l.student_id, 'student', s))
        ORDER BY l.fits DESC, l.same_birth DESC, l.student_id LIMIT 5;
    ELSIF act = 'tie check' THEN  -- a challenge: subject is the case
        RETURN QUERY
        SELECT c.student_id, NULL::integer, wanted, 'administrator', NULL::integer FROM challenge_case c WHERE c.uuid = subject AND may_decide_challenge(c);
    ELSIF act = 'birthdays' THEN  -- who turns 18 soon: the day is the birth date, with or without its year
        RETURN QUERY
        SELECT a, NULL::integer, wanted, office_i_act_in(), NULL::integer FROM ages_to_look_at() a WHERE subject IS NULL;
    ELSIF act IN ('adults', 'ledger check') THEN  -- an office's pages of one student: who is tied, and what the ledger says
        RETURN QUERY
        SELECT p.id, NULL::integer, wanted, 'administrator', NULL::integer FROM person p WHERE p.uuid = subject AND i_keep_ties_of(p.id);
    ELSIF act = 'changes' THEN  -- what an import would change about somebody, for administrators; a restriction denies over every hat
        RETURN QUERY
        SELECT c.person_id, NULL::integer, wanted, 'administrator', NULL::integer
        FROM change c WHERE c.uuid = subject AND c.person_id IS NOT NULL AND EXISTS (SELECT FROM my_offices()) AND NOT is_restricted(me, c.person_id)
          AND NOT is_masked_from_me(c.person_id) AND is_of_my_offices(c.person_id);
    ELSIF side = 'family' THEN
        RETURN QUERY
        SELECT t.student_id, t.id, k.kinds, 'family', NULL::integer
        FROM open_ties() t JOIN person p ON p.id = t.student_id,
             LATERAL (SELECT array_agg(w) AS kinds FROM unnest(wanted) w WHERE w = ANY (t.view_kinds)) k
        WHERE (act = 'home' OR p.uuid = subject) AND k.kinds IS NOT NULL;
    ELSIF side = 'student' THEN
        RETURN QUERY
        SELECT p.id, NULL::integer, wanted, 'student', NULL::integer
        FROM person p WHERE p.id = me AND (p.sourced_id IS NOT NULL OR p.delivery_id IS NOT NULL)  -- whom no file brought only asks for an account
          AND (act = 'home' OR p.uuid = subject) AND is_readable(me, me);
    ELSE
        RETURN QUERY  -- duties given for a school, one row a student: attendance for its clerk, more for principal and counselor
        SELECT p.id, NULL::integer,
               CASE WHEN bool_or(d.duty <> 'attendance clerk') THEN ARRAY['grades', 'attendance'] ELSE ARRAY['attendance'] END,
               'duty: ' || coalesce(min(d.duty) FILTER (WHERE d.duty <> 'attendance clerk'), 'attendance clerk'), NULL::integer
        FROM person p JOIN role r ON r.person_id = p.id AND r.role = 'student' AND r.ended_at IS NULL
             JOIN my_duties() d ON d.school_id = r.school_id AND d.duty IN ('principal', 'counselor', 'attendance clerk')
        WHERE act = 'child' AND p.uuid = subject AND NOT is_restricted(me, p.id)
        GROUP BY p.id;
    END IF;
END $$;

-- > 0: the look's number, for begin_request(); 0: closed, as for what does not exist; -1: over this person's cap.
-- sides: whom the page is for; somebody on another side gets its "not found", and no line says that they looked.
CREATE FUNCTION look(proof bytea, act text, subject uuid, sides text[] DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE entry bigint; mine session; seen record; spent integer; moment timestamptz := clock_timestamp(); known pg_snapshot := pg_current_snapshot();
BEGIN
    -- A power cut may lose the last fraction of a second of looks: decisions 0004.
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM claim(proof, NULL);
    SELECT * INTO mine FROM asking_session;
    IF mine.key IS NULL OR kinds_of_act(act) IS NULL OR mine.side <> ALL (sides) THEN RETURN 0; END IF;
    SELECT count(*) AS students, min(s.capacity) AS capacity, min(s.section_id) AS section_id,
           array_agg(s.student_id) AS ids, array_agg(s.tie_id) AS ties, jsonb_agg(s.kinds) AS kinds
        INTO seen FROM seen_by(act, subject) s;
    IF seen.students = 0 THEN RETURN 0; END IF;
    INSERT INTO look_count AS c (person_id, hour, students) VALUES (mine.person_id, date_trunc('hour', moment), seen.students)
        ON CONFLICT (person_id, hour) DO UPDATE SET students = c.students + excluded.students RETURNING c.students INTO spent;
    IF spent > look_cap(seen.capacity) THEN RETURN -1; END IF;
    WITH written AS (
        INSERT INTO ledger (at, event, act, person_id, capacity, section_id, session_key, xid)
        VALUES (moment, 'look', act, mine.person_id, seen.capacity, seen.section_id, mine.key, pg_current_xact_id()::text::bigint)
        RETURNING id
    ), of_each AS (
        INSERT INTO ledger_student (entry_id, student_id, at, kinds, tie_id)
        SELECT w.id, u.student, moment, ARRAY(SELECT jsonb_array_elements_text(seen.kinds->(u.place - 1)::integer)), u.tie
        FROM written w, unnest(seen.ids, seen.ties) WITH ORDINALITY AS u (student, tie, place)
    )
    SELECT id INTO entry FROM written;
    PERFORM write_opening(entry, mine, moment, known, seen.section_id, seen.ids, seen.kinds);
    RETURN entry;
END $$;

-- What the look opens, beside its ledger entry and committed with it. kinds: of each student, in the order of ids. Not read back from
-- the ledger: an import's line about 40,000 students made the planner scan it for each look.
CREATE FUNCTION write_opening(entry bigint, mine session, moment timestamptz, known pg_snapshot, class integer, ids integer[], kinds jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE o opening; staff integer[];
BEGIN
    SELECT coalesce(array_agg(u.student) FILTER (WHERE k ? 'grades'), '{}'), coalesce(array_agg(u.student) FILTER (WHERE k ? 'attendance'), '{}'),
           coalesce(array_agg(u.student) FILTER (WHERE k ? 'contacts'), '{}'), coalesce(array_agg(u.student) FILTER (WHERE k ? 'birth date'), '{}'),
           coalesce(array_agg(u.student) FILTER (WHERE k ? 'ledger'), '{}'), coalesce(array_agg(u.student) FILTER (WHERE k ? 'changes'), '{}')
        INTO o.grades, o.attendance, o.contacts, o.birth_date, o.ledger, o.changes
        FROM unnest(ids) WITH ORDINALITY AS u (student, place), LATERAL (SELECT kinds->(u.place - 1)::integer AS k) w;
    -- Arrays handed on, not set-returning functions nested in each other: those took half of a look's time.
    o.people := people_now(mine.person_id, mine.side);
    o.sections := CASE WHEN class IS NOT NULL THEN CASE WHEN o.grades <> '{}' THEN ARRAY[class] ELSE '{}' END  -- names alone open no work of the class
                       WHEN mine.side = 'staff' THEN ARRAY(SELECT sections_i_may_open())
                       ELSE sections_of(o.people) END;
    staff := ARRAY(SELECT e.person_id FROM enrollment e WHERE e.section_id = ANY (o.sections) AND e.role <> 'student');
    o.names := ids || o.people || staff || mine.person_id;
    o.aliases := masked_from_me(o.names);
    IF o.aliases <> '{}' THEN o.names := ARRAY(SELECT w FROM unnest(o.names) w WHERE w <> ALL (o.aliases)); END IF;
    INSERT INTO opening (entry_id, session_key, person_id, xid, seen, until, section_id, grades, attendance, contacts, birth_date, ledger, changes, people, names, aliases,
                         sections)
        VALUES (entry, mine.key, mine.person_id, pg_current_xact_id()::text::bigint, known::text, moment + interval '30 seconds', class, o.grades, o.attendance,
                o.contacts, o.birth_date, o.ledger, o.changes, o.people, o.names, o.aliases, o.sections);
END $$;

-- The openings of this session's looks: committed, at most 30 s old. A look of the running transaction could still be rolled back,
-- so it opens nothing (by its own xid, not the snapshot's xmin: one long import would blank every page). What a tie, duty or
-- restriction changed that the look could not see closes it (asking.sql, close_openings). viewed() reads it with enable_seqscan off
-- and the view's number in a variable: a plan made while the table was small, and kept by a connection for hours, read everyone's openings.
CREATE VIEW open_opening AS
    SELECT o.* FROM opening o JOIN asking_session s ON s.key = o.session_key
    WHERE o.until > clock_timestamp() AND o.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint
      AND NOT EXISTS (SELECT FROM closing c WHERE c.person_id = o.person_id
                      AND NOT pg_visible_in_snapshot(c.xid::text::xid8, o.seen::pg_snapshot));

-- The view that this request wrote down and committed; NULLs where there is none. Every reading function asks this first, once per call,
-- and returns nothing without it. The number of somebody else's view opens nothing.
CREATE FUNCTION viewed() RETURNS opening LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE named bigint := asking_look(); o opening;
BEGIN
    SELECT * INTO o FROM open_opening w WHERE w.entry_id = named;
    RETURN o;
END $$;

CREATE FUNCTION students_in(o opening, kind text) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE kind WHEN 'grades' THEN o.grades WHEN 'attendance' THEN o.attendance WHEN 'contacts' THEN o.contacts
                     WHEN 'birth date' THEN o.birth_date WHEN 'ledger' THEN o.ledger END;
END $$;

-- Students whose whole record of this kind the request's view opened.
CREATE FUNCTION opened(kind text) RETURNS integer[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.entry_id IS NULL OR o.section_id IS NOT NULL THEN RETURN '{}'; END IF;
    RETURN coalesce(students_in(o, kind), '{}');
END $$;
GRANT EXECUTE ON FUNCTION look(bytea, text, uuid, text[]) TO app;
