-- Who is affected, counted from the access log. A question is what an office asked, as its count
-- keeps it: {"account": "…", "act": "child", "from": "…", "until": "…"}. Without an account or an
-- act it is about all. "session", "address" and "device" are sessions as the security events have
-- them, and "import" is a file's number. "everyone" has its cause. "lists": some lists weren't
-- recorded yet.

-- When this portal began to record whom a list shows. Before that, a list left no trace.
CREATE FUNCTION lists_recorded_since() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT m.applied FROM django_migrations m WHERE (m.app, m.name) = ('access', '0017_lists')
        AND EXISTS (SELECT FROM ledger l WHERE l.id = (SELECT min(f.id) FROM ledger f)
            AND l.at < m.applied)
$$;

-- Someone who ever had an office or a duty could open lists.
CREATE FUNCTION could_list(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM administrator a WHERE a.person_id = who)
        OR EXISTS (SELECT FROM duty d WHERE d.person_id = who)
$$;

-- The question, or NULL if nothing fits. `about` is account, time, session, address, device, import
-- or everyone. `subject` is the account, the number of the sign-in's security event or of the file,
-- or the cause. A time that a restore lost means everyone, because its views are lost, too. No
-- sign-in is found of someone whom the person asking may not decide about.
CREATE FUNCTION question_of(about text, subject text, of_act text, since timestamptz,
    until timestamptz) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE number bigint := CASE WHEN subject ~ '^[0-9]{1,18}$' THEN subject::bigint END;
    a account; e security_event; made jsonb;
BEGIN
    IF about = 'everyone' THEN
        RETURN (SELECT jsonb_build_object('everyone', true, 'cause', c) FROM unnest(ARRAY[
            'login', 'root', 'shares', 'backup', 'file', 'restore', 'other']) c WHERE c = subject);
    ELSIF about = 'import' THEN
        RETURN (SELECT jsonb_build_object('import', l.delivery_id) FROM ledger l
            WHERE l.event = 'import' AND l.delivery_id = number LIMIT 1);
    END IF;
    IF (since < until AND until <= clock_timestamp() AND of_act ~ '^[a-z0-9 -]{0,40}$')
        IS NOT true THEN RETURN NULL; END IF;
    IF about = 'account' AND pg_input_is_valid(subject, 'uuid') THEN
        SELECT * INTO a FROM account w WHERE w.uuid = subject::uuid;
    ELSIF about IN ('session', 'address', 'device') THEN
        SELECT * INTO e FROM security_event v WHERE v.id = number AND v.session IS NOT NULL;
        SELECT * INTO a FROM account w WHERE w.id = e.account_id AND may_decide_about(w.person_id);
    END IF;
    made := CASE WHEN about = 'time' THEN '{}'::jsonb WHEN a.id IS NULL THEN NULL
        WHEN about = 'account' THEN jsonb_build_object('account', a.uuid)
        WHEN about = 'session' THEN
            jsonb_build_object('account', a.uuid, 'session', encode(e.session, 'hex'))
        WHEN about = 'address' AND e.address IS NOT NULL THEN
            jsonb_build_object('address', encode(e.address, 'hex'))
        WHEN about = 'device' AND e.device <> '' THEN
            jsonb_build_object('account', a.uuid, 'device', e.device) END
        || jsonb_strip_nulls(jsonb_build_object('act', nullif(of_act, ''), 'from', since, 'until',
            until));
    IF EXISTS (SELECT FROM restoration r
        WHERE r.snapshot_at < question_of.until AND r.restored_at > since) THEN
        made := made || '{"everyone": true, "cause": "restore"}';
    ELSIF since < lists_recorded_since() AND (about = 'time' OR could_list(a.person_id)) THEN
        made := made || '{"lists": true}';
    END IF;
    RETURN made;
END $$;

-- The keys of the sessions that a question is about. A confirmation gives a session a new key, and
-- its security event has both.
CREATE FUNCTION sessions_asked(question jsonb)
RETURNS TABLE (key bytea, account_id bigint, person_id integer)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE mine bigint := (SELECT a.id FROM account a WHERE a.uuid = (question->>'account')::uuid);
BEGIN
    RETURN QUERY
    WITH RECURSIVE linked (key, account) AS (
        SELECT w.key, w.account FROM (
            SELECT decode(question->>'session', 'hex') AS key, mine AS account
            WHERE question ? 'session'
            UNION SELECT e.session, e.account_id FROM security_event e
            WHERE question ? 'address' AND e.address = decode(question->>'address', 'hex')
                AND e.session IS NOT NULL
            UNION SELECT e.session, e.account_id FROM security_event e
            WHERE question ? 'device' AND e.account_id = mine AND e.device = question->>'device'
                AND e.session IS NOT NULL) w
        UNION SELECT k.key, l.account FROM linked l JOIN security_event e
            ON e.account_id = l.account AND l.key IN (e.session, e.session_before),
                LATERAL (VALUES (e.session), (e.session_before)) k (key)
        WHERE e.session_before IS NOT NULL)
    SELECT l.key, l.account, a.person_id FROM linked l JOIN account a ON a.id = l.account;
END $$;

CREATE FUNCTION is_by_session(question jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT question ?| ARRAY['session', 'address', 'device']
$$;

-- The committed views that a question is about. A view counts even if its page failed afterward.
CREATE FUNCTION views_asked(question jsonb)
RETURNS TABLE (id bigint, at timestamptz, act text, person_id integer)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE mine account; first timestamptz := (question->>'from')::timestamptz;
    last timestamptz := (question->>'until')::timestamptz; people integer[]; keys bytea[];
BEGIN
    IF is_by_session(question) THEN
        SELECT array_agg(DISTINCT s.person_id), array_agg(s.key) INTO people, keys
        FROM sessions_asked(question) s;
        RETURN QUERY SELECT l.id, l.at, l.act, l.person_id FROM unnest(people) w (person)
            JOIN ledger l ON l.event = 'look' AND l.person_id = w.person
            WHERE l.at >= first AND l.at < last AND l.session_key = ANY (keys)
              AND (NOT question ? 'act' OR l.act = question->>'act');
    ELSIF question ? 'account' THEN
        SELECT * INTO mine FROM account a WHERE a.uuid = (question->>'account')::uuid;
        RETURN QUERY SELECT l.id, l.at, l.act, l.person_id FROM ledger l
            WHERE l.event = 'look' AND l.person_id = mine.person_id
              AND l.at >= first AND l.at < last
              AND CASE WHEN mine.side = 'staff' THEN l.capacity NOT IN ('family', 'student')
                  ELSE l.capacity = mine.side END
              AND (NOT question ? 'act' OR l.act = question->>'act');
    ELSIF question ? 'from' THEN
        RETURN QUERY SELECT l.id, l.at, l.act, l.person_id FROM ledger l
            WHERE l.event = 'look' AND l.at >= first AND l.at < last
              AND (NOT question ? 'act' OR l.act = question->>'act');
    END IF;
END $$;

-- Tries in these sessions, or of this account, that a limit refused.
CREATE FUNCTION refused_asked(question jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY SELECT e.id FROM security_event e
        WHERE e.kind = 'cap' AND e.result <> 'half'
          AND e.at >= (question->>'from')::timestamptz AND e.at < (question->>'until')::timestamptz
          AND CASE WHEN is_by_session(question)
              THEN e.session IN (SELECT s.key FROM sessions_asked(question) s)
              ELSE e.account_id IN (SELECT a.id FROM account a
                  WHERE a.uuid = (question->>'account')::uuid) END;
END $$;

-- The kinds of data in a student's record, as the access log names them.
CREATE FUNCTION kinds_kept() RETURNS text[] LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT ARRAY['names', 'grades', 'attendance', 'contacts', 'birth date', 'ledger']
$$;

-- The students that a question affects, and by which kinds of data. A view of a class counts the
-- students whom it showed on that day. The log has one line a day for each student of a list, so
-- all pages of that list count that were viewed on the same day: an upper bound. Before the log had
-- lists, everyone's name counts. A file counts the students whose rows it changed.
CREATE FUNCTION students_affected(question jsonb)
RETURNS TABLE (student_id integer, kind text, is_hidden boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE zone text := (SELECT d.time_zone FROM district d);
BEGIN
    IF question ?| ARRAY['everyone', 'lists'] THEN
        RETURN QUERY SELECT p.id, k, false FROM person p, unnest(CASE WHEN question ? 'everyone'
                THEN kinds_kept() ELSE ARRAY['names', 'contact names'] END) k
            WHERE p.is_student;
    END IF;
    IF question ? 'everyone' THEN RETURN; END IF;
    IF question ? 'import' THEN
        RETURN QUERY SELECT s.student_id, k, false
            FROM ledger l JOIN ledger_student s ON s.entry_id = l.id,
                LATERAL unnest(ARRAY['names']
                    || CASE WHEN s.counts ? 'scores' THEN ARRAY['grades'] END
                    || CASE WHEN s.counts ? 'marks' THEN ARRAY['attendance'] END) k
            WHERE l.event = 'import' AND l.delivery_id = (question->>'import')::integer;
        RETURN;
    END IF;
    RETURN QUERY
    WITH v AS MATERIALIZED (SELECT * FROM views_asked(question)),
    lists AS (SELECT DISTINCT v.person_id, v.act, (v.at AT TIME ZONE zone)::date AS day
        FROM v WHERE v.act = ANY (acts_that_list())),
    entries AS MATERIALIZED (SELECT v.id FROM v
        UNION SELECT l.id FROM lists d JOIN ledger l ON l.event = 'look'
            AND l.person_id = d.person_id AND l.act = d.act
            AND l.at >= d.day::timestamp AT TIME ZONE zone
            AND l.at < (d.day + 1)::timestamp AT TIME ZONE zone)
    SELECT s.student_id, k, bool_and(EXISTS (SELECT FROM withheld_entry w
            WHERE w.student_id = s.student_id AND w.entry_id = s.entry_id AND w.until > today()))
    FROM entries e JOIN ledger_student s ON s.entry_id = e.id,
        LATERAL unnest(s.kinds || ARRAY['names']) k
    GROUP BY s.student_id, k;
END $$;

-- Adults whose own data was shown with these students: contacts in the record and adults with
-- access. `key` counts an adult once, also one without a row in person.
CREATE FUNCTION adults_affected(question jsonb)
RETURNS TABLE (key text, person_id integer, kind text, is_confidential boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH s AS MATERIALIZED (SELECT a.student_id, bool_or(a.kind = 'contacts') AS with_details
        FROM students_affected(question) a 
        WHERE a.kind IN ('contacts', 'contact names') GROUP BY 1),
    shown AS (
        SELECT coalesce('p' || c.person_id, nullif('s' || c.sis_id, 's'), 'c' || c.id) AS key,
            c.person_id, s.with_details, c.is_confidential
        FROM s JOIN contact c ON c.student_id = s.student_id
        WHERE question ? 'everyone'
            OR coalesce(c.ended_at >= (question->>'from')::timestamptz, true)
        UNION ALL
        SELECT 'p' || t.adult_id, t.adult_id, s.with_details, t.is_confidential
        FROM s JOIN tie t ON t.student_id = s.student_id
        WHERE question ? 'everyone' OR t.created_at < (question->>'until')::timestamptz)
    SELECT w.key, w.person_id, k, bool_or(w.is_confidential)
    FROM shown w, unnest(CASE WHEN w.with_details THEN ARRAY['names', 'contacts']
        ELSE ARRAY['names'] END) k
    GROUP BY 1, 2, 3;
END $$;

-- Accounts whose sign-in the question is about.
CREATE FUNCTION accounts_affected(question jsonb) RETURNS SETOF account LANGUAGE sql STABLE AS $$
    SELECT a.* FROM account a WHERE question ? 'everyone' AND a.is_active
        OR a.uuid = (question->>'account')::uuid
        OR is_by_session(question) AND a.id IN (
            SELECT s.account_id FROM sessions_asked(question) s)
$$;

-- How many people all these questions affect together: of each kind, by kind of data. `at_most`:
-- something that no view recorded could only be estimated from above. `refused` are tries that
-- opened nothing. Homeroom has no postal addresses, so no one's state is known, and all count.
CREATE FUNCTION counts_of(questions jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH q AS MATERIALIZED (SELECT e AS one FROM jsonb_array_elements(questions) e),
    seen AS MATERIALIZED (
        SELECT 'p' || a.student_id AS key, 'students' AS kind, a.kind AS data
        FROM q, students_affected(q.one) a
        UNION SELECT a.key, 'adults', a.kind FROM q, adults_affected(q.one) a
        UNION SELECT 'p' || a.person_id, CASE a.side WHEN 'student' THEN 'students'
            WHEN 'family' THEN 'adults' ELSE 'staff' END, 'credentials'
        FROM q, accounts_affected(q.one) a),
    views AS MATERIALIZED (SELECT v.id, v.act FROM q, views_asked(q.one) v
        WHERE NOT q.one ? 'everyone')
    SELECT jsonb_build_object(
        'people', (SELECT count(DISTINCT s.key) FROM seen s),
        'by_kind', (SELECT coalesce(jsonb_object_agg(g.kind, g.n), '{}')
            FROM (SELECT s.kind, count(DISTINCT s.key) AS n FROM seen s GROUP BY 1) g),
        'by_data', (SELECT coalesce(jsonb_object_agg(g.kind || ': ' || g.data, g.n), '{}')
            FROM (SELECT s.kind, s.data, count(*) AS n FROM seen s GROUP BY 1, 2) g),
        'views', (SELECT count(DISTINCT v.id) FROM views v),
        'refused', (SELECT count(DISTINCT r) FROM q, refused_asked(q.one) r),
        'at_most', EXISTS (SELECT FROM views v WHERE v.act = ANY (acts_that_list()))
            OR EXISTS (SELECT FROM q WHERE q.one ?| ARRAY['everyone', 'lists']),
        'searches', (SELECT count(DISTINCT v.id) FROM views v
            WHERE v.act = ANY (acts_that_search())))
$$;

-- The duty "data release", without people whose account is a suspect.
CREATE FUNCTION i_release_data() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM my_duties() d WHERE d.duty = 'data release')
        AND NOT is_suspect(asking_staff());
END $$;

-- Everyone whom an incident's counts affect and the record knows, students first. Students with an
-- alias are the last of them, so that their place tells nothing of the name. A student whom only
-- hidden entries name is not among them.
CREATE FUNCTION people_affected(which uuid)
RETURNS TABLE (person_id integer, is_student boolean, place integer)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH q AS MATERIALIZED (SELECT e AS one FROM incident i,
            jsonb_array_elements(questions_counted(i.id)) e WHERE i.uuid = which),
    s AS (SELECT a.student_id AS who FROM q, students_affected(q.one) a
        GROUP BY 1 HAVING NOT bool_and(a.is_hidden)),
    w AS (SELECT s.who, true AS is_student FROM s
        UNION SELECT o.who, false FROM (
            SELECT a.person_id AS who FROM q, adults_affected(q.one) a
            WHERE a.person_id IS NOT NULL
            UNION SELECT c.person_id FROM q, accounts_affected(q.one) c) o
        WHERE NOT EXISTS (SELECT FROM person p WHERE p.id = o.who AND p.is_student))
    SELECT w.who, w.is_student, row_number() OVER (ORDER BY NOT w.is_student, EXISTS (
            SELECT FROM masking m WHERE m.student_id = w.who AND m.ended_at IS NULL),
        lower(p.family_name), lower(p.given_name), p.id)::integer
    FROM w JOIN person p ON p.id = w.who;
END $$;

-- A page of that list. Without people around the reader's own children.
CREATE FUNCTION seen_affected(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE barred integer[];
BEGIN
    IF subject IS NULL OR NOT i_release_data() THEN RETURN; END IF;
    barred := people_not_decided_by(asking());
    RETURN QUERY SELECT a.person_id, NULL::integer, CASE WHEN a.is_student THEN wanted END,
            'duty: data release', NULL::integer
        FROM people_affected(subject) a
        WHERE a.place > coalesce(after, 0) AND a.person_id <> ALL (barred)
        ORDER BY a.place LIMIT 100;
END $$;
