-- Who is asking. The proof is the SHA-256 of the cookie's token, and the session table keeps the
-- SHA-256 of the proof.

-- A login can set homeroom.proof and homeroom.look to anything. A value that is not 64 hex digits
-- is no proof and raises no error. The pattern '{64}' is not used, because it took half of
-- asking()'s time.
CREATE FUNCTION asking_key() RETURNS bytea LANGUAGE sql STABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN length(current_setting('homeroom.proof', true)) = 64
            AND current_setting('homeroom.proof', true) ~ '^[0-9a-f]+$'
        THEN sha256(decode(current_setting('homeroom.proof', true), 'hex')) END
$$;

-- These people must sign in with a second factor (SP 800-63B-4 2.2, CISA): administrators,
-- certificated staff, associates with a duty, and tutors. The only exempt staff are aides and
-- proctors in the district's file who were given nothing to read.
CREATE FUNCTION must_be_strong(who integer, on_side text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF on_side = 'family' THEN
        RETURN EXISTS (SELECT FROM tie t
            WHERE t.adult_id = who AND t.kind = 'tutor' AND t.state <> 'ended'
              AND (t.end_date IS NULL OR t.end_date > today()));
    END IF;
    RETURN on_side = 'staff' AND (
        EXISTS (SELECT FROM administrator a
            WHERE a.person_id = who AND (a.end_date IS NULL OR a.end_date > today()))
        OR EXISTS (SELECT FROM duty d
            WHERE d.person_id = who AND (d.end_date IS NULL OR d.end_date > today()))
        OR EXISTS (SELECT FROM substitution u
            WHERE u.person_id = who AND u.ended_at IS NULL AND u.last_day >= today())
        OR EXISTS (SELECT FROM enrollment e
            WHERE e.person_id = who AND e.role <> 'student' AND e.ended_at IS NULL)
        OR NOT EXISTS (SELECT FROM role r
            WHERE r.person_id = who AND r.ended_at IS NULL AND r.role IN ('aide', 'proctor'))
        OR EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.ended_at IS NULL
                   AND r.role NOT IN ('aide', 'proctor', 'student', 'parent', 'guardian',
                       'relative')));
END $$;

-- Sessions that are running. A staff member who must have a second factor has no session without
-- one, whatever started it. These views hold each rule once for every function below. No login may
-- read them.
CREATE VIEW running_session AS
    SELECT * FROM session
    WHERE ended_at IS NULL AND expires_at > now() AND last_seen_at + idle_limit > now()
      AND (is_strong OR side <> 'staff' OR NOT must_be_strong(person_id, side));

-- The session that asks. PostgreSQL evaluates (SELECT …) once, even in a plan that reads all of a
-- small table and is kept after the table has grown. Only READ COMMITTED counts. Other isolation
-- levels keep a snapshot, in which access that was closed later would still be open.
CREATE VIEW asking_session AS
    SELECT * FROM running_session
    WHERE key = (SELECT CASE WHEN length(current_setting('homeroom.proof', true)) = 64
                AND current_setting('homeroom.proof', true) ~ '^[0-9a-f]+$'
            THEN sha256(decode(current_setting('homeroom.proof', true), 'hex')) END)
      AND current_setting('transaction_isolation') = 'read committed';

-- True if only the account's owner can sign in this way. A card is not in this list, because a
-- teacher prints it. A session keeps the method of its first step, whatever the second one was.
CREATE FUNCTION is_owners_method(method text) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT coalesce(method IN ('password', 'passkey', 'code'), false)
$$;

-- True if this session proved who it is in the last 10 minutes. Settings, approvals, contact
-- changes, exports and factors require it. A card session is never fresh.
CREATE FUNCTION is_fresh() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM asking_session
        WHERE proven_at > now() - interval '10 minutes' AND is_owners_method(method))
$$;

-- True if the session that asks began with a card. It views the acts of acts_by_card(), and
-- changes nothing.
CREATE FUNCTION is_by_card() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM asking_session WHERE NOT is_owners_method(method));
END $$;

CREATE FUNCTION asking() RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT person_id FROM asking_session);
END $$;

-- The side of the session. Rules never merge the roles of one person: a teacher's session has no
-- children.
CREATE FUNCTION asking_side() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT side FROM asking_session);
END $$;

-- The person asking, if they signed in as staff. NULL: no one, or another side.
CREATE FUNCTION asking_staff() RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT person_id FROM asking_session WHERE side = 'staff');
END $$;

CREATE FUNCTION asking_look() RETURNS bigint LANGUAGE plpgsql STABLE SECURITY INVOKER AS $$
BEGIN
    RETURN CASE WHEN current_setting('homeroom.look', true) ~ '^[0-9]{1,18}$'
        THEN current_setting('homeroom.look', true)::bigint END;
END $$;

-- The district's own date. Access ends at midnight in the district, not in Greenwich.
CREATE FUNCTION today() RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (now() AT TIME ZONE (SELECT time_zone FROM district))::date;
END $$;

-- The visit before today's, for "new since your last visit". All use of one day is one visit.
-- Otherwise the second sign-in of a day would clear the list. `seen` is when the session was last
-- used before now, and `before` the visit before that.
CREATE FUNCTION visit_before(seen timestamptz, before timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN (seen AT TIME ZONE d.time_zone)::date < today() THEN seen ELSE before END
    FROM district d
$$;

-- Acts that show a page of a list.
CREATE FUNCTION acts_that_list() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT NULL WHERE false
    -- {acts that list}
    )
$$;

-- Acts that show the results of a search next to one student's record.
CREATE FUNCTION acts_that_search() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT NULL WHERE false
    -- {acts that search}
    )
$$;

-- Acts for which a card is enough.
CREATE FUNCTION acts_by_card() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT NULL WHERE false
    -- {acts by card}
    )
$$;
