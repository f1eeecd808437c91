-- Brakes on reading by staff. look() asks before it writes anything.

-- Notifies the staff member. The session that viewed can't mark the notice as read: it may be a
-- thief's.
CREATE FUNCTION tell_of_brake(mine session, what text, of_mail text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT tell_account(mine.person_id, 'staff', what, mine.key),
        mail_account(mine.account_id, of_mail)
$$;

-- Notifies every other administrator of the district.
CREATE FUNCTION tell_others_of_brake(about integer, of_mail text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT tell_account(a.person_id, 'staff', 'many viewed'),
        CASE WHEN of_mail <> '' THEN mail_account(c.id, of_mail) END
        FROM administrator a JOIN account c ON c.person_id = a.person_id AND c.side = 'staff'
        WHERE a.school_id IS NULL AND a.person_id <> about AND a.start_date <= today()
          AND (a.end_date IS NULL OR a.end_date > today())
$$;

-- At half of the cap: the person gets a notice and an email, and the other administrators a notice.
CREATE FUNCTION brake_at_half(mine session, by_capacity text, by_act text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO brake AS b (person_id, half_at, capacity)
        VALUES (mine.person_id, now(), by_capacity)
        ON CONFLICT (person_id) DO UPDATE SET half_at = now(), capacity = by_capacity
            WHERE coalesce(b.half_at < now() - interval '1 day', true);
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM note_event('cap', 'half', mine.account_id, by_act, on_device => mine.device,
            in_session => mine.key),
        tell_of_brake(mine, 'half of limit', 'many viewed'),
        tell_others_of_brake(mine.person_id, '');
END $$;

-- At the cap: also an email to the other administrators and to the IT contact (jobs), and an entry
-- in the access log. The session goes on after a new confirmation, or ends if the district chose
-- so. At twice the cap, another administrator releases the person.
CREATE FUNCTION brake_at_cap(mine session, by_capacity text, is_twice boolean) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    INSERT INTO brake AS b (person_id, reached_at, locked_at, capacity)
        VALUES (mine.person_id, clock_timestamp(), CASE WHEN is_twice THEN clock_timestamp() END,
            by_capacity)
        ON CONFLICT (person_id) DO UPDATE
            SET capacity = by_capacity,
                reached_at = CASE WHEN b.reached_at > now() - interval '1 day' THEN b.reached_at
                    ELSE excluded.reached_at END,
                locked_at = CASE WHEN b.locked_at > now() - interval '1 day' THEN b.locked_at
                    ELSE excluded.locked_at END, mailed_at = NULL
            WHERE coalesce(b.reached_at < now() - interval '1 day', true)
                OR is_twice AND coalesce(b.locked_at < now() - interval '1 day', true);
    IF NOT FOUND THEN RETURN; END IF;
    PERFORM ledger_change(CASE WHEN is_twice THEN 'viewing locked' ELSE 'viewing limit reached' END,
            NULL, mine.person_id, by_capacity, NULL, ''),
        tell_of_brake(mine, 'limit reached', 'limit reached'),
        tell_others_of_brake(mine.person_id, 'limit of another');
    UPDATE session s SET ended_at = now()
        WHERE s.key = mine.key AND (SELECT d.cap_ends_session FROM district d);
END $$;

-- Asks whether this session may view these people, and counts them if it may. 0: yes. -2: after a
-- new confirmation. -3: after another administrator released it. -4: it was ended, and a new
-- sign-in is the confirmation. A refused view counts no one.
-- The caller holds the row of the hour, so that two views of one person count one after the other.
CREATE FUNCTION brake(mine session, by_capacity text, by_act text, people integer[])
RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE moment timestamptz := clock_timestamp(); in_hour integer; in_day integer; of_day integer;
    many integer := (SELECT count(DISTINCT p) FROM unnest(people) p); last brake;
BEGIN
    IF by_act = 'breach batch' THEN RETURN 0; END IF;  -- two people released exactly these letters
    SELECT many + count(*) FILTER (WHERE l.at > moment - interval '1 hour'), many + count(*)
        INTO in_hour, in_day FROM look_student l
        WHERE l.person_id = mine.person_id AND l.at > moment - interval '1 day'
          AND l.student_id <> ALL (people);
    -- The cap itself costs more than the view, so it is computed only near the least one.
    IF 2 * in_day >= least_cap(by_capacity) THEN
        of_day := cap_of(mine.person_id, by_capacity);
    END IF;
    IF in_day > of_day OR in_hour > cap_of_hour(mine.person_id, of_day) THEN
        SELECT * INTO last FROM brake b WHERE b.person_id = mine.person_id;
        IF in_day > 2 * of_day THEN
            PERFORM brake_at_cap(mine, by_capacity, true);
            RETURN -3;
        END IF;
        PERFORM brake_at_cap(mine, by_capacity, false);
        SELECT * INTO last FROM brake b WHERE b.person_id = mine.person_id;
        IF mine.proven_at <= last.reached_at THEN
            RETURN CASE WHEN EXISTS (SELECT FROM session s
                    WHERE s.key = mine.key AND s.ended_at IS NOT NULL) THEN -4 ELSE -2 END;
        END IF;
    ELSIF 2 * in_day >= of_day THEN
        PERFORM brake_at_half(mine, by_capacity, by_act);
    END IF;
    INSERT INTO look_student AS l (person_id, student_id, at)
        SELECT DISTINCT mine.person_id, p, moment FROM unnest(people) p ORDER BY p
        ON CONFLICT (person_id, student_id) DO UPDATE SET at = excluded.at
            WHERE l.at < moment - interval '1 minute';
    UPDATE look_count c SET students = greatest(c.students, in_day)
        WHERE c.person_id = mine.person_id AND c.hour = date_trunc('hour', moment) AND c.is_staff;
    RETURN 0;
END $$;

-- Counts the people of these accounts before the page of security events shows their names, as a
-- view would. Returns how many, or brake()'s answer, which is below 0. Anyone whom the
-- administrator may not decide about has no name there and doesn't count.
CREATE FUNCTION count_names(accounts bigint[]) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine session; people integer[]; refused integer;
BEGIN
    SELECT * INTO mine FROM asking_session;
    IF NOT EXISTS (SELECT FROM my_offices() o WHERE o.school_id IS NULL) THEN RETURN 0; END IF;
    people := ARRAY(SELECT DISTINCT a.person_id FROM account a
        WHERE a.id = ANY (accounts) AND a.person_id <> mine.person_id
          AND may_decide_about(a.person_id));
    IF people = '{}' THEN RETURN 0; END IF;
    INSERT INTO look_count AS c (person_id, hour, is_staff, students)
        VALUES (mine.person_id, date_trunc('hour', clock_timestamp()), true, 0)
        ON CONFLICT (person_id, hour, is_staff) DO UPDATE SET students = c.students;
    refused := brake(mine, 'administrator', 'security events', people);
    RETURN CASE WHEN refused < 0 THEN refused ELSE cardinality(people) END;
END $$;

GRANT EXECUTE ON FUNCTION count_names(bigint[]) TO app;
