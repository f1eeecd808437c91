-- How people are related: ties, restrictions, ages, and students who left. Nothing here changes
-- anything.

CREATE FUNCTION is_restricted(adult integer, child integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- 34 CFR 99.4: a court order or a binding document on file outweighs every role and every tie.
    RETURN EXISTS (SELECT FROM restriction WHERE person_id = adult AND student_id = child
                   AND start_date <= today() AND (end_date IS NULL OR end_date > today()));
END $$;

-- The children from whom the person asking is restricted. A restriction outweighs every role, so
-- even a teacher's list leaves them out.
CREATE FUNCTION barred_from() RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(SELECT student_id FROM restriction
                 WHERE person_id = asking() AND start_date <= today()
                   AND (end_date IS NULL OR end_date > today()));
END $$;

-- A challenged tie that was approved stays open until it is suspended. A suspended or merely
-- requested tie is not open.
CREATE FUNCTION open_ties() RETURNS SETOF tie LANGUAGE plpgsql STABLE ROWS 3 AS $$
DECLARE day date := today(); barred integer[] := barred_from();
BEGIN
    RETURN QUERY SELECT t.* FROM asking_session s JOIN tie t ON t.adult_id = s.person_id
    WHERE s.side = 'family' AND (s.is_strong OR t.kind <> 'tutor')
      AND t.state IN ('approved', 'under challenge') AND NOT t.is_shut
      AND t.start_date <= day AND (t.end_date IS NULL OR t.end_date > day)
      AND t.student_id <> ALL (barred)
      AND (t.kind <> 'tutor' OR consent_stands(t.id) AND left_on(t.student_id) IS NULL)
      AND is_readable(t.student_id, s.person_id);  -- for a student who left, see membership/leaving
END $$;

-- True if this file was imported more than 14 days ago. An address that someone slips into a file
-- doesn't reach a child the same night.
CREATE FUNCTION is_settled(of_delivery integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT v.ended_at < now() - interval '14 days' FROM delivery v
            WHERE v.id = of_delivery), false)
$$;

-- The primary school of each of these students.
CREATE FUNCTION schools_of_students(children integer[])
RETURNS TABLE (student_id integer, school_id integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT DISTINCT ON (o.person_id) o.person_id, o.school_id
        FROM role o JOIN school s ON s.id = o.school_id AND s.kind = 'school'
        WHERE o.person_id = ANY (children) AND o.role = 'student' AND o.ended_at IS NULL
        ORDER BY o.person_id, o.is_primary DESC, o.id;
END $$;

CREATE FUNCTION school_of_student(child integer) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT s.school_id FROM schools_of_students(ARRAY[child]) s);
END $$;

CREATE FUNCTION is_of_grade_6_or_more(p person) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT EXISTS (SELECT FROM unnest(p.grade_levels) g WHERE g ~ '^\d{1,2}$' AND g::integer >= 6)
$$;

-- The verified email of a person's family account. NULL if there isn't one.
CREATE FUNCTION address_of_family(who integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT m.address FROM account a JOIN mail_address m ON m.account_id = a.id
        AND m.proven_at IS NOT NULL AND m.ended_at IS NULL
    WHERE a.person_id = who AND a.side = 'family' AND a.is_active
$$;

-- A challenge and the adult and student it is about, whether it is against a tie or a request for
-- one.
CREATE VIEW challenge_case AS
    SELECT c.*, coalesce(t.adult_id, r.person_id) AS adult_id,
        coalesce(t.student_id, r.student_id) AS student_id
    FROM challenge c LEFT JOIN tie t ON t.id = c.tie_id
         LEFT JOIN registration r ON r.id = c.registration_id;

-- The n-th school day after a day. School days are Monday to Friday, because no export has a
-- calendar of holidays (decision 0023).
CREATE FUNCTION school_day_after(day date, n integer) RETURNS date
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT day + i FROM generate_series(1, n * 2 + 3) i WHERE extract(isodow FROM day + i) < 6
    ORDER BY i OFFSET n - 1 LIMIT 1
$$;

-- The n-th business day after a day: Monday to Friday. A deadline of the law goes on in vacations
-- and on days without school, so it doesn't follow the school days.
CREATE FUNCTION business_day_after(day date, n integer) RETURNS date
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT d.start + n + 2 * ((d.weekday + n - 1) / 5)
    FROM (SELECT day - greatest(extract(isodow FROM day)::integer - 5, 0),
                 least(extract(isodow FROM day)::integer, 5)) d (start, weekday)
$$;

-- The midnight at the end of the n-th school day from now, in the district's time zone.
CREATE FUNCTION end_of_school_day(n integer) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT (school_day_after(today(), n) + 1)::timestamp AT TIME ZONE (SELECT time_zone
        FROM district)
$$;

-- Kinds of ties that parents have. Foster and agency ties are only the district's, and the family
-- itself ends a tutor's tie.
CREATE FUNCTION is_parent_kind(kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT kind IN ('parent', 'guardian', 'caregiver by affidavit')
$$;

-- True if the rights have passed to the student. They pass at the moment in which the parents lose
-- them, so that they are never with both or with no one.
CREATE FUNCTION is_of_age(student integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM majority m WHERE m.student_id = student AND m.applied_at IS NOT NULL)
$$;

-- True if the consent for a tutor's tie is valid. The tie of the person who gave it is open and has
-- that right, or the student who gave it is of age. A tie without a consent is the district's own
-- and is valid.
CREATE FUNCTION consent_stands(tutoring integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT EXISTS (SELECT FROM tutor_consent c LEFT JOIN tie g ON g.id = c.consenter_tie_id
                       WHERE c.tie_id = tutoring
                                                      AND (g.id IS NULL
                                                          AND NOT is_of_age(c.consenter_id)
                                                          OR g.state NOT IN ('approved',
                                                              'under challenge')
                                                OR g.end_date <= today() OR g.is_shut
                                                OR NOT g.may_consent
                                                OR is_restricted(g.adult_id, g.student_id)))
$$;

CREATE FUNCTION is_suspended_by_age(which integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM age_effect e WHERE e.tie_id = which AND e.closed_at IS NOT NULL)
$$;

CREATE FUNCTION is_closed_to_parents(child integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM closed_to_parents c
        WHERE c.student_id = child AND c.ended_at IS NULL)
$$;

-- True if a school has students today. If a file's roles end with the school year, all of a
-- school's roles are over in summer, and no one has left.
CREATE FUNCTION has_students(of_school integer, day date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM role o
        WHERE o.school_id = of_school AND o.role = 'student' AND o.ended_at IS NULL
          AND (o.end_date IS NULL OR o.end_date > day))
$$;

-- The day on which a student left: no student role is open any more, or no file has the person.
-- NULL: the student is here. It is calculated and not stored. So an undone import, or a student who
-- returns, opens everything again.
CREATE FUNCTION left_on(child integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE day date := today();
BEGIN
    IF EXISTS (SELECT FROM role r JOIN person p ON p.id = r.person_id AND p.ended_at IS NULL
               WHERE r.person_id = child AND r.role = 'student' AND r.ended_at IS NULL
                 AND CASE WHEN r.end_date <= day THEN NOT has_students(r.school_id, day)
                     ELSE true END) THEN RETURN NULL;
                 END IF;
    RETURN (SELECT least((p.ended_at AT TIME ZONE d.time_zone)::date, (
                SELECT max(least((r.ended_at AT TIME ZONE d.time_zone)::date, r.end_date))
                FROM role r WHERE r.person_id = p.id AND r.role = 'student'))
            FROM person p, district d WHERE p.id = child);
END $$;

-- The first day on which the record of a person who left is closed to the family and the student.
-- NULL: the student is here.
CREATE FUNCTION closes_on(child integer) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE day date := left_on(child);
BEGIN
    IF day IS NULL THEN RETURN NULL; END IF;
    RETURN day + (SELECT d.leaving_days FROM district d);
END $$;

-- True if a record is still open to its family and its student: while the student is here, for the
-- district's number of days after that, and if the school opened it again to the person who asked.
CREATE FUNCTION is_readable(child integer, by_whom integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE day date := closes_on(child);
BEGIN
    IF day IS NULL THEN RETURN true; END IF;
    RETURN day > today()
        OR EXISTS (SELECT FROM inspection i
            WHERE i.student_id = child AND i.person_id = by_whom AND i.open_until > today());
END $$;

-- Students who left and whose record I might inspect: by a tie that would be open if they were
-- here, or my own. A tutor has no such right.
CREATE FUNCTION my_former_students() RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT t.student_id FROM tie t
    WHERE asking_side() = 'family' AND t.adult_id = asking() AND t.kind <> 'tutor' AND NOT t.is_shut
        AND t.state IN ('approved', 'under challenge')
        AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
        AND t.student_id <> ALL (barred_from()) AND left_on(t.student_id) IS NOT NULL
    UNION SELECT asking() WHERE asking_side() = 'student' AND left_on(asking()) IS NOT NULL
$$;

-- The school's last day to answer a request for inspection: five business days (Ed. Code
-- 49069.7(b)), and in any case 45 days (34 CFR 99.10(b)).
CREATE FUNCTION inspection_due(i inspection) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT business_day_after((i.asked_at AT TIME ZONE d.time_zone)::date, 5) FROM district d
$$;

CREATE FUNCTION inspection_latest(i inspection) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (i.asked_at AT TIME ZONE d.time_zone)::date + 45 FROM district d
$$;

-- The last day to answer a request to correct a record, and to hold a hearing about it: 30 days
-- after it was asked for (Ed. Code 49070).
CREATE FUNCTION correction_due(c correction) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (CASE c.state WHEN 'hearing' THEN c.hearing_asked_at ELSE c.asked_at END
        AT TIME ZONE d.time_zone)::date + 30 FROM district d
$$;

-- The records that a request named before merges moved it: 'correction' for students, and
-- 'correction asker' for who asks. Access doesn't follow a merge, and the person who asked keeps
-- the request.
CREATE FUNCTION moved_from(c correction, what text) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT m.old_id FROM merged_row r JOIN merge m ON m.id = r.merge_id
        WHERE r."table" = what AND r."table" IN ('correction', 'correction asker')
          AND r.key = c.id::text AND m.undone_at IS NULL)
$$;

-- The student's record and who asks, each with the records that were merged into it.
CREATE FUNCTION records_asked_about(c correction) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT c.student_id || moved_from(c, 'correction')
$$;

CREATE FUNCTION askers_of(c correction) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT c.person_id || moved_from(c, 'correction asker')
$$;

-- My requests. It reads mine and not the index of UUIDs, so that the pages read reveal nothing
-- about anyone else's.
CREATE FUNCTION corrections_of_mine() RETURNS SETOF correction LANGUAGE sql STABLE AS $$
    SELECT q.* FROM correction q WHERE q.person_id = asking()
    UNION ALL SELECT q.* FROM merge m JOIN merged_row r ON r.merge_id = m.id
        AND r."table" = 'correction asker' JOIN correction q ON q.id = r.key::integer
    WHERE m.old_id = asking() AND m.undone_at IS NULL AND q.person_id <> asking()
$$;

-- The statement as pages say it: its author ('own', 'student' or 'adult'), the day, and its words.
-- Other adults don't learn which adult wrote it.
CREATE FUNCTION statement_said(c correction) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_array(CASE WHEN asking() = ANY (askers_of(c)) THEN 'own'
            WHEN c.person_id = c.student_id THEN 'student' ELSE 'adult' END,
        (c.statement_at AT TIME ZONE d.time_zone)::date, c.statement) FROM district d
$$;

-- The families' statements about class grades, scores and attendance marks of these students. A
-- school discloses a statement with the part of the record that it is about (34 CFR 99.21(c)). Each
-- belongs to the student's line item, or to the day and the class, so a row with another id keeps
-- it. `said` is a JSON list.
CREATE FUNCTION statements_on(children integer[])
RETURNS TABLE (of_student integer, of_item integer, of_day date, of_section integer, said json)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM correction c
        WHERE c.student_id = ANY (children) AND c.statement <> '') THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.student_id, r.line_item_id, m.day, m.section_id,
        json_agg(statement_said(c) ORDER BY c.id)
    FROM correction c LEFT JOIN result r ON r.id = c.of_row
        LEFT JOIN attendance_mark m ON m.id = c.of_row
    WHERE c.student_id = ANY (children) AND c.statement <> '' AND c.of_row IS NOT NULL
    GROUP BY c.student_id, r.line_item_id, m.day, m.section_id;
END $$;

-- The student's last school, whose office answers. NULL if no school is on file. Then the
-- district's office answers.
CREATE FUNCTION school_left(child integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT r.school_id FROM role r WHERE r.person_id = child AND r.role = 'student'
    ORDER BY r.ended_at DESC NULLS FIRST, r.is_primary DESC, r.id LIMIT 1
$$;

-- The one of these people who has this UUID. It reads all of them and not the index of UUIDs, so
-- that the pages read reveal nothing about anyone else.
CREATE FUNCTION one_of(among integer[], called uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT p.id FROM person p WHERE p.id = ANY (among) AND (p.uuid = called) IS true);
END $$;

-- The stage of an incident that was recorded last.
CREATE FUNCTION incident_stage(of_incident integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT f.what FROM incident_fact f
        WHERE f.incident_id = of_incident AND f.kind = 'stage'
        ORDER BY f.id DESC LIMIT 1), 'assess')
$$;

-- While an incident is open, what its counts read is not deleted.
CREATE FUNCTION is_incident_open() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM incident i WHERE incident_stage(i.id) <> 'closed')
$$;
