-- Who is asking. The proof is SHA-256 of the cookie's token; the session table keeps SHA-256 of the proof.
-- Every function here and in the files after it: SECURITY DEFINER where it reads what app may not, search_path fixed and ending
-- in pg_temp (a temporary table would otherwise shadow a real one). protect() revokes EXECUTE from PUBLIC.

-- A login may set homeroom.proof and homeroom.look to anything. A value that is not 64 hex digits is no proof, and raises nothing.
CREATE FUNCTION asking_key() RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN current_setting('homeroom.proof', true) ~ '^[0-9a-f]{64}$' THEN sha256(decode(current_setting('homeroom.proof', true), 'hex')) END
$$;

-- SP 800-63B-4 2.2, CISA: administrators, certificated staff, associates with a duty, and tutors sign in with a second factor. Of staff
-- only those are left out whom the district's file has as aides and proctors, and who were given nothing to read.
CREATE FUNCTION must_be_strong(who integer, on_side text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF on_side = 'family' THEN
        RETURN EXISTS (SELECT FROM tie t WHERE t.adult_id = who AND t.kind = 'tutor' AND t.state <> 'ended' AND (t.end_date IS NULL OR t.end_date > today()));
    END IF;
    RETURN on_side = 'staff' AND (
        EXISTS (SELECT FROM administrator a WHERE a.person_id = who AND (a.end_date IS NULL OR a.end_date > today()))
        OR EXISTS (SELECT FROM duty d WHERE d.person_id = who AND (d.end_date IS NULL OR d.end_date > today()))
        OR EXISTS (SELECT FROM substitution u WHERE u.person_id = who AND u.ended_at IS NULL AND u.last_day >= today())
        OR EXISTS (SELECT FROM enrollment e WHERE e.person_id = who AND e.role <> 'student' AND e.ended_at IS NULL)
        OR NOT EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.ended_at IS NULL AND r.role IN ('aide', 'proctor'))
        OR EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.ended_at IS NULL
                   AND r.role NOT IN ('aide', 'proctor', 'student', 'parent', 'guardian', 'relative')));
END $$;

-- The session that asks. This view holds the rule once, for every function below; no login may read it. (SELECT …) is worked out once,
-- also in a plan that reads all of a small table and is kept after the table has grown.
-- Other isolation levels keep a snapshot: access that was closed meanwhile would still be open in it. In them nobody asks.
CREATE VIEW asking_session AS
    SELECT * FROM session
    WHERE key = (SELECT CASE WHEN current_setting('homeroom.proof', true) ~ '^[0-9a-f]{64}$' THEN sha256(decode(current_setting('homeroom.proof', true), 'hex')) END)
      AND current_setting('transaction_isolation') = 'read committed'
      AND ended_at IS NULL AND expires_at > now() AND last_seen_at + idle_limit > now()
      -- Of staff who must have a second factor none is known without, whatever began the session.
      AND (is_strong OR side <> 'staff' OR NOT must_be_strong(person_id, side));

-- Whether this session proved lately who it is: settings, approvals, contact changes, exports and factors ask for it.
CREATE FUNCTION is_fresh() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM asking_session WHERE proven_at > now() - interval '10 minutes')
$$;

CREATE FUNCTION asking() RETURNS integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT person_id FROM asking_session);
END $$;

-- The side signed in on. Rules never merge the hats of one person: a teacher's session has no children.
CREATE FUNCTION asking_side() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT side FROM asking_session);
END $$;

CREATE FUNCTION asking_look() RETURNS bigint LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN current_setting('homeroom.look', true) ~ '^[0-9]{1,18}$' THEN current_setting('homeroom.look', true)::bigint END;
END $$;

-- The district's own date: a tie ends at its midnight, not at Greenwich's.
CREATE FUNCTION today() RETURNS date LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (now() AT TIME ZONE (SELECT time_zone FROM district))::date;
END $$;

-- A lock until the transaction's end, for one person and one kind of act. Every login can read the keys of locks that are held, so a key
-- names one of sixteen groups of people, not a person.
CREATE FUNCTION hold(kind integer, who integer, is_shared boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF is_shared THEN PERFORM pg_advisory_xact_lock_shared(kind, who % 16); ELSE PERFORM pg_advisory_xact_lock(kind, who % 16); END IF;
END $$;

-- Local to the transaction, and claimed on every request, '' when anonymous: a value planted in a pooled session answers nobody.
CREATE FUNCTION claim(proof bytea, look bigint) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A page's prepared statements are planned once a connection and not anew for each student: planning took a third of their time.
    PERFORM set_config('homeroom.proof', encode(proof, 'hex'), true), set_config('homeroom.look', coalesce(look::text, ''), true),
        set_config('plan_cache_mode', 'force_generic_plan', true);
END $$;

-- Claims, keeps the session awake, and says who it is: everything a page's frame needs, in one statement. NULL for nobody.
CREATE FUNCTION begin_request(proof bytea, look bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine record; is_staff boolean; files record; sent record; people integer[];
BEGIN
    PERFORM claim(proof, look);
    SELECT s.*, p AS me, d.estimates INTO mine FROM asking_session s JOIN person p ON p.id = s.person_id CROSS JOIN district d;
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF mine.last_seen_at < now() - interval '1 minute' THEN  -- at most one write a minute: a page that only reads stays a read
        UPDATE session s SET last_seen_at = now() WHERE s.key = mine.key;
    END IF;
    is_staff := mine.side = 'staff';
    people := CASE WHEN is_staff THEN '{}' ELSE coalesce((viewed()).people, people_now(mine.person_id, mine.side)) END;
    -- New to somebody is what was imported after the visit before, whatever day its scores carry.
    -- Each by an index's first fitting row: there are hundreds of files a year.
    SELECT (SELECT max(d.signed_at) FROM delivery d WHERE d.state = 'imported') AS as_of,
        coalesce((SELECT d.id FROM delivery d WHERE d.state = 'imported' AND d.ended_at <= mine.previous_visit_at ORDER BY d.id DESC LIMIT 1), 0) AS seen
        INTO files;
    -- Scores and attendance are as of the last file that brought them: a file may lack the table, or an approval leave it out.
    SELECT (SELECT d.signed_at FROM delivery d WHERE d.state = 'imported' AND d.counts ? 'result' AND NOT EXISTS
            (SELECT FROM decision x WHERE x.delivery_id = d.id AND x.verdict = 'approve' AND 'result' = ANY (x.tables))
            ORDER BY d.signed_at DESC LIMIT 1) AS grades,
        (SELECT d.signed_at FROM delivery d WHERE d.state = 'imported' AND d.counts ? 'attendance_mark' AND NOT EXISTS
            (SELECT FROM decision x WHERE x.delivery_id = d.id AND x.verdict = 'approve' AND 'attendance_mark' = ANY (x.tables))
            ORDER BY d.signed_at DESC LIMIT 1) AS attendance INTO sent;
    RETURN jsonb_build_object(
        'person_id', mine.person_id, 'uuid', (mine.me).uuid, 'first_name', first_name(mine.me), 'full_name', full_name(mine.me), 'side', mine.side,
        'is_administrator', is_staff AND EXISTS (SELECT FROM my_offices()),
        'duties', CASE WHEN is_staff THEN coalesce((SELECT jsonb_agg(DISTINCT d.duty) FROM (
            SELECT m.duty FROM my_duties() m UNION ALL
            SELECT 'substitute' FROM substitution u WHERE u.person_id = mine.person_id AND u.ended_at IS NULL AND u.last_day >= today() UNION ALL
            SELECT 'board second' WHERE is_board_second(mine.person_id)) d), '[]') ELSE '[]' END,
        'children', CASE WHEN is_staff THEN '[]' ELSE coalesce((
            SELECT jsonb_agg(jsonb_build_object('id', c.id, 'uuid', c.uuid, 'first_name', first_name(c), 'full_name', full_name(c), 'kinds', (
                                 SELECT t.view_kinds FROM tie t WHERE t.adult_id = mine.person_id AND t.student_id = c.id AND t.state <> 'ended'))
                             ORDER BY c.grade_levels DESC, first_name(c), c.id)
            FROM person c WHERE c.id = ANY (people) AND (c.sourced_id IS NOT NULL OR c.delivery_id IS NOT NULL)), '[]') END,
        'previous_visit_at', mine.previous_visit_at,
        'seen_delivery', files.seen, 'as_of', files.as_of,
        'grades_as_of', sent.grades, 'attendance_as_of', sent.attendance,
        'other_side', (SELECT a.side FROM account a WHERE a.person_id = mine.person_id AND a.side <> mine.side AND a.is_active AND a.side <> 'student'),
        'has_estimates', mine.estimates, 'proven_at', mine.proven_at, 'has_news', mine.has_news,
        -- Told for 14 days, and until it is confirmed: what was entered between the two moments may be missing.
        'restored', (SELECT jsonb_build_object('from', r.snapshot_at, 'until', r.restored_at, 'is_confirmed', r.confirmed_at IS NOT NULL)
            FROM (SELECT * FROM restoration ORDER BY id DESC LIMIT 1) r WHERE r.confirmed_at IS NULL OR r.restored_at > now() - interval '14 days'));
END $$;

-- A changed password, a factor that comes or goes, or a closed account ends its sessions here, whoever changed it and however; and its
-- half-finished sign-ins, which rest on what was before.
CREATE FUNCTION end_sessions_of_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE now_or_then jsonb := coalesce(to_jsonb(NEW), to_jsonb(OLD));
    changed bigint := coalesce(now_or_then->>'account_id', now_or_then->>'id')::bigint;
BEGIN
    UPDATE session SET ended_at = now() WHERE account_id = changed AND ended_at IS NULL;
    DELETE FROM sign_in_step WHERE account_id = changed;
    RETURN NULL;
END $$;
CREATE TRIGGER account_closed AFTER UPDATE OF is_active ON account FOR EACH ROW WHEN (NOT NEW.is_active) EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER password_changed AFTER UPDATE OF password ON credential FOR EACH ROW
    WHEN (OLD.password IS DISTINCT FROM NEW.password) EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER passkey_came_or_went AFTER INSERT OR DELETE ON passkey FOR EACH ROW EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER authenticator_came_or_went AFTER INSERT OR DELETE ON authenticator FOR EACH ROW EXECUTE FUNCTION end_sessions_of_account();
CREATE TRIGGER recovery_code_made AFTER INSERT ON recovery_code FOR EACH ROW EXECUTE FUNCTION end_sessions_of_account();

-- A tie, restriction, duty or office that changes takes back what its person's looks opened. Written down and not deleted: a look
-- that was running meanwhile, still uncommitted, could not be found, and would have opened what had just ended.
CREATE FUNCTION close_openings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO closing (person_id, xid) SELECT DISTINCT p.person, pg_current_xact_id()::text::bigint
        FROM unnest(ARRAY[(to_jsonb(OLD)->>TG_ARGV[0])::integer, (to_jsonb(NEW)->>TG_ARGV[0])::integer]) AS p (person) WHERE p.person IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER tie_changed AFTER UPDATE OR DELETE ON tie FOR EACH ROW EXECUTE FUNCTION close_openings('adult_id');
CREATE TRIGGER restriction_changed AFTER INSERT OR UPDATE OR DELETE ON restriction FOR EACH ROW EXECUTE FUNCTION close_openings('person_id');
CREATE TRIGGER duty_changed AFTER UPDATE OR DELETE ON duty FOR EACH ROW EXECUTE FUNCTION close_openings('person_id');
CREATE TRIGGER office_changed AFTER UPDATE OR DELETE ON administrator FOR EACH ROW EXECUTE FUNCTION close_openings('person_id');

-- Staff sign in anew when a duty or an office of theirs ends: what they see next is what they may still see, on every device at once.
CREATE FUNCTION end_staff_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE session SET ended_at = now() WHERE person_id = OLD.person_id AND side = 'staff' AND ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER duty_ended AFTER UPDATE OF end_date ON duty FOR EACH ROW WHEN (NEW.end_date <= today() AND NEW.end_date IS DISTINCT FROM OLD.end_date)
    EXECUTE FUNCTION end_staff_sessions();
CREATE TRIGGER duty_gone AFTER DELETE ON duty FOR EACH ROW EXECUTE FUNCTION end_staff_sessions();
CREATE TRIGGER office_ended AFTER UPDATE OF end_date ON administrator FOR EACH ROW WHEN (NEW.end_date <= today() AND NEW.end_date IS DISTINCT FROM OLD.end_date)
    EXECUTE FUNCTION end_staff_sessions();
CREATE TRIGGER office_gone AFTER DELETE ON administrator FOR EACH ROW EXECUTE FUNCTION end_staff_sessions();

-- For the jobs process: what ended at midnight by its date ends its sessions too. How many.
CREATE FUNCTION sessions_outlived() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH over AS (SELECT person_id, end_date FROM duty UNION ALL SELECT person_id, end_date FROM administrator),
         ended AS (UPDATE session s SET ended_at = now() FROM district d WHERE s.side = 'staff' AND s.ended_at IS NULL AND EXISTS (
                       SELECT FROM over o WHERE o.person_id = s.person_id AND o.end_date <= today()
                       AND o.end_date > (s.created_at AT TIME ZONE d.time_zone)::date) RETURNING 1)
    SELECT count(*) FROM ended
$$;

-- For the jobs process: ended or expired sessions go after 30 days; tries to sign in and counts of looks after a day; notices 90 days after they were read; openings at once.
CREATE FUNCTION sessions_swept() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH closed AS (DELETE FROM opening WHERE until < now()),
         changes AS (DELETE FROM closing WHERE at < now() - interval '1 day'),
         counted AS (DELETE FROM look_count WHERE hour < now() - interval '1 day'),
         told AS (DELETE FROM account_notice WHERE least(shown_at + interval '90 days', at + interval '400 days') < now()),
         forgotten AS (DELETE FROM known_browser WHERE last_at < now() - interval '400 days'),
         tries AS (DELETE FROM sign_in_try WHERE at < now() - interval '1 day'),
         -- Who was meant by a restore's notes is told for 400 days.
         restored AS (DELETE FROM restoration_line l USING restoration r WHERE r.id = l.restoration_id AND r.confirmed_at < now() - interval '400 days'),
         steps AS (DELETE FROM sign_in_step WHERE expires_at < now()),
         swept AS (DELETE FROM session WHERE coalesce(ended_at, expires_at) < now() - interval '30 days' RETURNING 1)
    SELECT count(*) FROM swept
$$;
GRANT EXECUTE ON FUNCTION begin_request(bytea, bigint) TO app;
GRANT EXECUTE ON FUNCTION must_be_strong(integer, text) TO door;
GRANT EXECUTE ON FUNCTION sessions_swept(), sessions_outlived() TO jobs;
