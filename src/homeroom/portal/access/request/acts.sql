-- Records a request's view, claims it, and identifies who is asking.

-- Claims, keeps the session awake, and returns who is asking with everything a page's frame needs,
-- in one statement. NULL for no one. `is_held`: this transaction holds the session's row. A notice
-- to this account would wait for that row, so the request commits and begins again.
CREATE FUNCTION begin_request(proof bytea, look bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine record; files record; people integer[]; is_held boolean := false;
    is_administrator boolean := false; duties jsonb := '[]'; children jsonb := '[]';
BEGIN
    PERFORM claim(proof, look);
    LOOP
        SELECT s.*, p AS me, d.estimates INTO mine
        FROM asking_session s JOIN person p ON p.id = s.person_id CROSS JOIN district d;
        IF NOT FOUND THEN RETURN NULL; END IF;
        EXIT WHEN mine.last_seen_at >= now() - interval '1 minute';
        -- At most one write per minute, so that a page that only reads stays a read. The session is
        -- read again, because it may have ended while this waited for its row.
        UPDATE session s SET last_seen_at = now(),
                previous_visit_at = visit_before(s.last_seen_at, s.previous_visit_at)
            WHERE s.key = mine.key;
        is_held := true;
    END LOOP;
    -- Each side has its own statement, because starting one took longer than running it.
    IF mine.side = 'staff' THEN
        is_administrator := EXISTS (SELECT FROM my_offices());
        duties := coalesce((SELECT jsonb_agg(DISTINCT d.duty) FROM (
            SELECT m.duty FROM my_duties() m UNION ALL
            SELECT 'substitute' FROM substitution u
            WHERE u.person_id = mine.person_id AND u.ended_at IS NULL AND u.last_day >= today()
            UNION ALL
            SELECT 'board second' WHERE is_board_second(mine.person_id) UNION ALL
            SELECT 'incidents' WHERE is_administrator AND i_handle_incidents()) d), '[]');
    ELSE
        people := coalesce((viewed()).people, people_now(mine.person_id, mine.side));
        children := coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', c.id, 'uuid', c.uuid, 'first_name',
                    first_name(c), 'full_name', full_name(c), 'kinds', (
                                 SELECT t.view_kinds FROM tie t
                                 WHERE t.adult_id = mine.person_id AND t.student_id = c.id
                                   AND t.state <> 'ended'))
                             ORDER BY c.grade_levels DESC, first_name(c), c.id)
            FROM person c WHERE c.id = ANY (people)
                AND (c.sourced_id IS NOT NULL OR c.delivery_id IS NOT NULL)), '[]');
    END IF;
    -- New to a person is everything imported after the previous visit, whatever day its scores
    -- have. Each value is an index's first matching row, because there are hundreds of files a
    -- year. Scores and attendance are as of the last file that brought them. A file may lack the
    -- table, or an approval may leave it out.
    SELECT (SELECT max(d.signed_at) FROM delivery d WHERE d.state = 'imported') AS as_of,
        coalesce((SELECT d.id FROM delivery d
                WHERE d.state = 'imported' AND d.ended_at <= mine.previous_visit_at
                ORDER BY d.id DESC LIMIT 1), 0) AS seen,
        (SELECT d.signed_at FROM delivery d
        WHERE d.state = 'imported' AND d.counts ? 'result' AND NOT EXISTS
            (SELECT FROM decision x
                WHERE x.delivery_id = d.id AND x.verdict = 'approve' AND 'result' = ANY (x.tables))
            ORDER BY d.signed_at DESC LIMIT 1) AS grades,
        (SELECT d.signed_at FROM delivery d
            WHERE d.state = 'imported' AND d.counts ? 'attendance_mark' AND NOT EXISTS
            (SELECT FROM decision x
                WHERE x.delivery_id = d.id AND x.verdict = 'approve'
                  AND 'attendance_mark' = ANY (x.tables))
            ORDER BY d.signed_at DESC LIMIT 1) AS attendance
        INTO files;
    RETURN jsonb_build_object(
        'person_id', mine.person_id, 'uuid', (mine.me).uuid, 'first_name', first_name(mine.me),
        'full_name', full_name(mine.me), 'side', mine.side,
        'is_administrator', is_administrator, 'duties', duties, 'children', children,
        'previous_visit_at', mine.previous_visit_at,
        'seen_delivery', files.seen, 'as_of', files.as_of,
        'grades_as_of', files.grades, 'attendance_as_of', files.attendance,
        'other_side', (SELECT a.side FROM account a
            WHERE a.person_id = mine.person_id AND a.side <> mine.side AND a.is_active
              AND a.side <> 'student'),
        'has_estimates', mine.estimates, 'proven_at', mine.proven_at, 'has_news', mine.has_news,
        'by_card', NOT is_owners_method(mine.method),
        'new_sign_ins', CASE WHEN mine.has_news THEN new_sign_ins(mine.account_id, mine.key) END,
        'is_held', is_held,
        -- Shown for 14 days, and until it is confirmed. Anything entered between the two times may
        -- be missing.
        'restored', (SELECT jsonb_build_object('from', r.snapshot_at, 'until', r.restored_at,
                'is_confirmed', r.confirmed_at IS NOT NULL)
            FROM (SELECT * FROM restoration ORDER BY id DESC LIMIT 1) r
            WHERE r.confirmed_at IS NULL OR r.restored_at > now() - interval '14 days'));
END $$;

-- Returns the view's number for begin_request() (> 0). 0: closed, as for something that does not
-- exist. -1: a family or a student viewed too many in an hour. -2: staff must confirm who they are,
-- -3: another administrator must release them, and -4: the session was ended (brake()).
-- `sides` are those the page is for. Someone on another side gets "not found", and no entry says
-- that they viewed it. `words` and `after` are as in seen_by().
CREATE FUNCTION look(proof bytea, act text, subject uuid, sides text[] DEFAULT NULL,
    words text DEFAULT '', after integer DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE entry bigint;
    mine session;
    is_list boolean := act = ANY (acts_that_list());
    is_search boolean := act = ANY (acts_that_search());
    seen record;
    spent integer;
    of_staff boolean;
    moment timestamptz := clock_timestamp();
    known pg_snapshot := pg_current_snapshot();
BEGIN
    -- A power failure may lose the last fraction of a second of views (decision 0004).
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM claim(proof, NULL);
    SELECT * INTO mine FROM asking_session;
    IF mine.key IS NULL OR mine.side <> ALL (sides)
        OR NOT (is_owners_method(mine.method) OR act = ANY (acts_by_card())) THEN
        RETURN 0;
    END IF;
    SELECT count(s.kinds) AS students, min(s.capacity) AS capacity,
           min(s.section_id) AS section_id, array_agg(s.student_id) AS people,
           array_agg(s.student_id) FILTER (WHERE s.kinds IS NOT NULL) AS ids,
           array_agg(s.tie_id) FILTER (WHERE s.kinds IS NOT NULL) AS ties,
           jsonb_agg(s.kinds) FILTER (WHERE s.kinds IS NOT NULL) AS kinds
        INTO seen FROM seen_by(act, subject, words, after) s;
    IF seen.students = 0 AND NOT (is_list AND seen.people IS NOT NULL) THEN RETURN 0; END IF;
    of_staff := seen.capacity NOT IN ('family', 'student');
    -- Everyone whom a search or a list found counts, also adults.
    INSERT INTO look_count AS c (person_id, hour, is_staff, students)
        VALUES (mine.person_id, date_trunc('hour', moment), of_staff,
            CASE WHEN of_staff THEN 0 ELSE seen.students END)
        ON CONFLICT (person_id, hour, is_staff) DO UPDATE
            SET students = c.students + excluded.students RETURNING c.students INTO spent;
    IF of_staff THEN
        spent := brake(mine, seen.capacity, act,
            CASE WHEN is_search OR is_list THEN seen.people ELSE seen.ids END);
        IF spent < 0 THEN RETURN spent; END IF;
    ELSIF spent > look_cap(seen.capacity) THEN
        PERFORM note_cap(mine, act);
        RETURN -1;
    END IF;
    WITH written AS (
        INSERT INTO ledger (at, event, act, person_id, capacity, section_id, session_key, xid,
            reason)
        VALUES (moment, 'look', act, mine.person_id, seen.capacity, seen.section_id, mine.key,
            pg_current_xact_id()::text::bigint,
            CASE WHEN is_owners_method(mine.method) THEN ''
                ELSE 'card ' || printer_of_card(mine.person_id) END)
        RETURNING id
    ), of_each AS (
        INSERT INTO ledger_student (entry_id, student_id, at, kinds, tie_id)
        SELECT w.id, u.student, moment,
            ARRAY(SELECT jsonb_array_elements_text(seen.kinds->(u.place - 1)::integer)), u.tie
        FROM written w, unnest(seen.ids, seen.ties) WITH ORDINALITY AS u (student, tie, place)
        WHERE NOT is_list
    )
    SELECT id INTO entry FROM written;
    IF is_list THEN
        IF seen.students > 0 THEN
            PERFORM write_list_day(entry, moment, mine.person_id, act, seen.ids,
                ARRAY(SELECT jsonb_array_elements_text(seen.kinds->0)));
        END IF;
        PERFORM write_list_opening(entry, mine, moment, known, act, seen.people);
        RETURN entry;
    END IF;
    IF seen.capacity NOT IN ('family', 'student') THEN
        PERFORM write_view_day(entry, moment, mine.person_id, act, seen.ids);
    END IF;
    PERFORM write_opening(entry, mine, moment, known, seen.section_id, seen.ids, seen.kinds,
        CASE seen.capacity WHEN 'family' THEN seen.people
            ELSE people_now(mine.person_id, mine.side) END,
        CASE WHEN is_search THEN act END, CASE WHEN is_search THEN seen.people END);
    RETURN entry;
END $$;

-- A security event of a view that was refused because the person had too many. One an hour.
CREATE FUNCTION note_cap(mine session, of_act text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM security_event e WHERE e.account_id = mine.account_id
            AND e.at > now() - interval '1 hour' AND e.kind = 'cap') THEN
        PERFORM note_event('cap', 'reached', mine.account_id, of_act,
            on_device => mine.device, in_session => mine.key);
    END IF;
END $$;

-- Writes what the view opens, in the same transaction as its ledger entry. `kinds` are those of
-- each student, in the order of `ids`. `people` is as in people_now(). A family's are already known
-- from its ties. It isn't read back from the ledger: an import's entry about 40,000 students made
-- the planner scan it for each view. `search` and `everyone` are for an act that searches: its
-- name, and everyone found.
CREATE FUNCTION write_opening(entry bigint, mine session, moment timestamptz, known pg_snapshot,
    class integer, ids integer[], kinds jsonb, people integer[], search text, everyone integer[])
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE o opening; staff integer[];
BEGIN
    SELECT coalesce(array_agg(u.student) FILTER (WHERE k ? 'grades'), '{}'),
           coalesce(array_agg(u.student) FILTER (WHERE k ? 'attendance'), '{}'),
           coalesce(array_agg(u.student) FILTER (WHERE k ? 'contacts'), '{}'),
           coalesce(array_agg(u.student) FILTER (WHERE k ? 'birth date'), '{}'),
           coalesce(array_agg(u.student) FILTER (WHERE k ? 'ledger'), '{}'),
           coalesce(array_agg(u.student) FILTER (WHERE k ? 'changes'), '{}')
        INTO o.grades, o.attendance, o.contacts, o.birth_date, o.ledger, o.changes
        FROM unnest(ids) WITH ORDINALITY AS u (student, place),
            LATERAL (SELECT kinds->(u.place - 1)::integer AS k) w;
    -- Arrays and not nested set-returning functions, which took half of a view's time.
    o.people := people;
    -- a view of names opens no work of the class
    o.sections := CASE WHEN class IS NOT NULL
        THEN CASE WHEN o.grades <> '{}' THEN ARRAY[class] ELSE '{}' END
                       WHEN mine.side = 'staff' THEN ARRAY(SELECT sections_i_may_open())
                       ELSE sections_of(o.people) END;
    staff := ARRAY(SELECT e.person_id FROM enrollment e
        WHERE e.section_id = ANY (o.sections) AND e.role <> 'student');
    o.names := ids || o.people || staff || mine.person_id;
    o.aliases := masked_from_me(o.names);
    IF o.aliases <> '{}' THEN
        o.names := ARRAY(SELECT w FROM unnest(o.names) w WHERE w <> ALL (o.aliases));
    END IF;
    INSERT INTO opening (entry_id, session_key, person_id, xid, seen, until, section_id, grades,
        attendance, contacts, birth_date, ledger, changes, people, names, aliases,
                         sections, act, listed)
        VALUES (entry, mine.key, mine.person_id, pg_current_xact_id()::text::bigint, known::text,
            moment + interval '30 seconds', class, o.grades, o.attendance,
                o.contacts, o.birth_date, o.ledger, o.changes, o.people, o.names, o.aliases,
                o.sections, search, everyone);
END $$;

-- Writes what a view of a list opens: only the list. Only functions that read the list use its act.
CREATE FUNCTION write_list_opening(entry bigint, mine session, moment timestamptz,
    known pg_snapshot, by_act text, ids integer[])
RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO opening (entry_id, session_key, person_id, xid, seen, until, grades, attendance,
        contacts, birth_date, ledger, changes, people, names, aliases, sections, act, listed)
        VALUES (entry, mine.key, mine.person_id, pg_current_xact_id()::text::bigint, known::text,
            moment + interval '30 seconds', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
            '{}', by_act, ids)
$$;

GRANT EXECUTE ON FUNCTION begin_request(bytea, bigint),
    look(bytea, text, uuid, text[], text, integer) TO app;
