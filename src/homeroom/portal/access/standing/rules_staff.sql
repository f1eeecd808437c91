-- How staff are related to schools and students: classes, duties, offices, and whom a person may
-- decide about. Nothing here changes anything.

-- The first day on which a class is closed to the person who taught it: 30 days after its last
-- term. NULL: it has no term and does not close.
CREATE FUNCTION closes_to_teacher_on(class integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT max(t.end_date) + 30 FROM section_term st JOIN term t ON t.id = st.term_id
        WHERE st.section_id = class);
END $$;

-- A person who taught a class to the end of its term can view it until it closes. A person who was
-- taken out before can't. It is plpgsql, as my_offices() is, because planning took longer than
-- running.
CREATE FUNCTION sections_i_teach() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking_staff(); day date := today();
BEGIN
    IF me IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT e.section_id
    FROM enrollment e JOIN person p ON p.id = e.person_id AND p.ended_at IS NULL
    WHERE e.person_id = me AND e.role = 'teacher' AND e.ended_at IS NULL
      AND (e.begin_date IS NULL OR e.begin_date <= day)
      AND (e.end_date IS NULL OR e.end_date > day
          OR e.end_date >= closes_to_teacher_on(e.section_id) - 30)
      AND coalesce(closes_to_teacher_on(e.section_id) > day, true);
END $$;

-- Duties that rooms declare, with the kinds of data that each opens for every student of the
-- school. `has_classes`: it opens the gradebooks of the school's classes. `proposed_as`: the
-- two-person act by which it is given, or ''.
CREATE FUNCTION duty_kinds()
RETURNS TABLE (duty text, opens text[], has_classes boolean, proposed_as text)
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT '', '{}'::text[], false, '' WHERE false
    -- {each duty}
$$;

CREATE FUNCTION my_duties() RETURNS SETOF duty LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking_staff(); day date := today();
BEGIN
    IF me IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT d.* FROM duty d WHERE d.person_id = me
        AND d.start_date <= day AND (d.end_date IS NULL OR d.end_date > day)
        AND d.duty IN (SELECT k.duty FROM duty_kinds() k);
END $$;

-- plpgsql keeps the plans of its statements for a connection. An SQL function is planned again by
-- each statement that calls it, and in another SQL function by each call.
CREATE FUNCTION my_offices() RETURNS SETOF administrator LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking_staff(); day date := today();
BEGIN
    IF me IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT a.* FROM administrator a
        WHERE a.person_id = me AND a.start_date <= day AND (a.end_date IS NULL OR a.end_date > day);
END $$;

-- The children that a person is related to: by a tie, by a restriction, as a contact in the record,
-- or as the student.
CREATE FUNCTION children_of(who integer) RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT id FROM person WHERE id = who AND is_student
        UNION SELECT student_id FROM tie WHERE adult_id = who
        UNION SELECT student_id FROM restriction WHERE person_id = who
        UNION SELECT student_id FROM contact WHERE person_id = who AND ended_at IS NULL;
END $$;

-- Students this person may not decide about: their own, and any they have requested. Other people's
-- requests don't count. Otherwise a person who requested the children of every administrator would
-- leave no one to decide about them.
CREATE FUNCTION children_not_decided_by(who integer) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT children_of(who)
        UNION SELECT student_id FROM registration
        WHERE person_id = who AND state = 'waiting' AND student_id IS NOT NULL;
END $$;

-- Adults on record for these children.
CREATE FUNCTION adults_around(children integer[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT adult_id FROM tie WHERE student_id = ANY (children)
        UNION SELECT person_id FROM restriction WHERE student_id = ANY (children)
        UNION SELECT person_id FROM contact
        WHERE student_id = ANY (children) AND person_id IS NOT NULL AND ended_at IS NULL;
END $$;

-- People this person may not decide about: themselves, those children, and the adults around them.
-- A list calls this once. is_apart() and may_decide_about() ask about one person.
CREATE FUNCTION people_not_decided_by(who integer) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE children integer[] := ARRAY(SELECT children_not_decided_by(who));
BEGIN
    RETURN who || children || ARRAY(SELECT adults_around(children));
END $$;

-- NULL as subject: no one whom the record knows.
CREATE FUNCTION is_apart(who integer, subject integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(subject <> ALL (people_not_decided_by(who)), subject IS DISTINCT FROM who);
END $$;

CREATE FUNCTION may_decide_about(subject integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking();
BEGIN
    RETURN me IS NOT NULL AND is_apart(me, subject);
END $$;

-- A school has its own administrators and the district's. The district (NULL) has only its own.
CREATE FUNCTION i_decide_for(of_school integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM my_offices() o
        WHERE o.school_id IS NULL OR o.school_id = of_school);
END $$;

CREATE FUNCTION decides_for(who integer, of_school integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM administrator a JOIN account c ON c.person_id = a.person_id
        AND c.side = 'staff' AND c.is_active
                   WHERE a.person_id = who AND (a.school_id IS NULL OR a.school_id = of_school)
                     AND a.start_date <= today() AND (a.end_date IS NULL OR a.end_date > today()))
$$;

-- True for the person whom the board named: a second approver for every school and the district,
-- and nothing else.
CREATE FUNCTION is_board_second(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM board_second b JOIN account c ON c.person_id = b.person_id
        AND c.side = 'staff' AND c.is_active
                   WHERE b.person_id = who AND b.start_date <= today()
                     AND (b.end_date IS NULL OR b.end_date > today()))
$$;

CREATE FUNCTION i_answer_for(of_school integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT i_decide_for(of_school) OR asking_side() = 'staff' AND is_board_second(asking())
$$;

-- The office in which a person decided, as the ledger has it. NULL as person: the time lock.
CREATE FUNCTION office_of(who integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN who IS NULL THEN 'time lock' WHEN is_board_second(who) THEN 'board second'
        ELSE 'administrator' END
$$;

-- Only the newest restoration counts. Earlier ones came back with a backup.
CREATE FUNCTION is_unconfirmed() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM restoration r
        WHERE r.confirmed_at IS NULL AND r.id = (SELECT max(n.id) FROM restoration n));
END $$;

-- Before a restoration is confirmed, only people who can confirm it may sign in: an administrator
-- of the district, or the board second. A school's administrator waits with the others.
CREATE FUNCTION may_sign_in(who integer, on_side text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT is_unconfirmed()
        OR coalesce(on_side = 'staff' AND (decides_for(who, NULL) OR is_board_second(who)), false);
END $$;

-- Schools to whose office I belong, by a registrar's duty or an administrator's office. NULL means
-- the whole district.
CREATE FUNCTION schools_of_my_office() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT d.school_id FROM my_duties() d WHERE d.duty = 'registrar'
        UNION SELECT o.school_id FROM my_offices() o;
END $$;

-- True if this person belongs to a school on that side: its students, its staff, or the adults with
-- a tie to its students.
CREATE FUNCTION is_of_school(who integer, on_side text, school integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE on_side
        WHEN 'student' THEN EXISTS (SELECT FROM role r
            WHERE r.person_id = who AND r.school_id = school AND r.ended_at IS NULL
              AND r.role = 'student')
        WHEN 'staff' THEN EXISTS (SELECT FROM role r
            WHERE r.person_id = who AND r.school_id = school AND r.ended_at IS NULL
              AND r.role <> 'student')
            OR EXISTS (SELECT FROM enrollment e JOIN section s ON s.id = e.section_id
                       WHERE e.person_id = who AND s.school_id = school AND e.role <> 'student'
                         AND e.ended_at IS NULL)
        WHEN 'family' THEN EXISTS (SELECT FROM tie t JOIN role r ON r.person_id = t.student_id
            AND r.school_id = school AND r.ended_at IS NULL
                                   WHERE t.adult_id = who AND t.state <> 'ended')
        ELSE false END;
END $$;

-- True if a person is, or was, at a school of which I am an administrator, or has a tie to one of
-- its students.
CREATE FUNCTION is_of_my_offices(who integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM my_offices() o
        WHERE o.school_id IS NULL OR is_of_school(who, 'staff', o.school_id)
          OR is_of_school(who, 'family', o.school_id)
        OR EXISTS (SELECT FROM role r WHERE r.person_id = who AND r.school_id = o.school_id))
$$;

-- A sleeping account needs a code that opens it. Others need a new password, or a way past a lost
-- second factor.
CREATE FUNCTION is_asleep(who integer, on_side text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM account a JOIN credential c ON c.account_id = a.id
        WHERE a.person_id = who AND a.side = on_side)
$$;

-- Returns those of these people who belong to these schools on any side, as in is_of_school().
-- Indexes find the schools' people first: a few, when a search for two characters finds thousands.
-- (… IN …) IS true is one hash of them. The plan of a join would depend on how many people it
-- expects.
CREATE FUNCTION people_of_schools(among integer[], schools integer[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
DECLARE by_role integer[] := ARRAY(SELECT r.person_id FROM role r
        WHERE r.school_id = ANY (schools) AND r.ended_at IS NULL);
    classes integer[] := ARRAY(SELECT s.id FROM section s WHERE s.school_id = ANY (schools));
BEGIN
    RETURN QUERY SELECT w FROM unnest(among) w WHERE (w IN (
        SELECT unnest(by_role)
        UNION ALL SELECT e.person_id FROM enrollment e
        WHERE e.section_id = ANY (classes) AND e.role <> 'student' AND e.ended_at IS NULL
        UNION ALL SELECT t.adult_id FROM tie t
        WHERE t.student_id = ANY (by_role) AND t.state <> 'ended')) IS true;
END $$;

CREATE FUNCTION office_i_act_in() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM my_offices()) THEN 'administrator'
        ELSE 'duty: registrar' END;
END $$;

-- The substitutions that are valid today.
CREATE FUNCTION my_substitutions() RETURNS SETOF substitution LANGUAGE plpgsql STABLE AS $$
DECLARE me integer := asking_staff(); day date := today();
BEGIN
    IF me IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM substitution u
        WHERE u.person_id = me AND u.ended_at IS NULL AND day BETWEEN u.first_day AND u.last_day;
END $$;

CREATE FUNCTION is_staff_role(role text) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT role <> ALL (ARRAY['student', 'parent', 'guardian', 'relative'])
$$;

-- Returns those of these people who are students at these schools, without anyone the person asking
-- is related to. NULL among `schools` means any school.
CREATE FUNCTION students_at(schools integer[], among integer[]) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
DECLARE is_any boolean := array_position(schools, NULL) IS NOT NULL;
    apart integer[] := people_not_decided_by(asking());
BEGIN
    IF schools = '{}' THEN RETURN; END IF;
    RETURN QUERY SELECT p.id FROM person p
        WHERE p.id = ANY (among) AND p.is_student AND p.id <> ALL (apart)
          AND (is_any OR EXISTS (SELECT FROM role r
              WHERE r.person_id = p.id AND r.school_id = ANY (schools) AND r.role = 'student'
                AND r.ended_at IS NULL));
END $$;

-- The staff who may answer this person's request about the student's record: administrators of the
-- student's last school and of the district, and its registrars. Each is apart from both people.
CREATE FUNCTION answerers_for(student integer, adult integer) RETURNS SETOF integer
LANGUAGE sql STABLE AS $$
    SELECT w.person_id FROM (SELECT a.person_id FROM administrator a
        WHERE decides_for(a.person_id, school_left(student))
          UNION SELECT d.person_id FROM duty d
          WHERE d.duty = 'registrar' AND d.school_id = school_left(student)
                AND d.start_date <= today() AND (d.end_date IS NULL OR d.end_date > today())) w
    WHERE is_apart(w.person_id, student) AND is_apart(w.person_id, adult)
$$;

-- Whether I may answer this person's request about the student's record: I am in the office of the
-- student's last school or of the district, and allowed to decide about both.
CREATE FUNCTION may_answer_for(student integer, adult integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT may_decide_about(student) AND may_decide_about(adult)
        AND EXISTS (SELECT FROM schools_of_my_office() s
            WHERE s IS NULL OR s = school_left(student))
$$;
