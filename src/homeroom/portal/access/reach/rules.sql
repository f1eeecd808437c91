-- Which people and classes the person asking can reach, and what the request's view opened. Each
-- set comes from one tie.

-- My children on the family side, myself on the student side, and no one on the staff side. Roles
-- are never merged.
CREATE FUNCTION people_now(me integer, side text) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF side = 'family' THEN RETURN ARRAY(SELECT student_id FROM open_ties()); END IF;
    RETURN CASE WHEN side = 'student' AND is_readable(me, me) THEN ARRAY[me] ELSE '{}' END;
END $$;

-- Schools where I may open all classes as staff: where a duty of mine opens them and, with the
-- district's setting, every school where I teach. `taught` is sections_i_teach().
CREATE FUNCTION schools_i_may_open(taught integer[]) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE schools integer[] := ARRAY(SELECT d.school_id FROM my_duties() d
    JOIN duty_kinds() k USING (duty) WHERE k.has_classes);
BEGIN
    IF (SELECT teachers_see_school FROM district) THEN
        schools := schools || ARRAY(SELECT DISTINCT t.school_id FROM section t
            WHERE t.id = ANY (taught));
    END IF;
    RETURN schools;
END $$;

-- Classes whose record I may open as staff: my own, and those of these schools. A school sees its
-- classes before they begin.
CREATE FUNCTION sections_i_may_open() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT sections_i_teach());
    -- Schools come first, so that an index finds their classes. As one statement it read every
    -- class of the district twice.
    schools integer[] := schools_i_may_open(mine);
BEGIN
    RETURN QUERY SELECT unnest(mine)
        UNION SELECT s.id FROM section s WHERE s.school_id = ANY (schools);
END $$;

-- Classes of these students whose term has begun. Next term's schedule is not published yet.
CREATE FUNCTION sections_of(students integer[]) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE day date := today();
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT e.section_id FROM enrollment e
        WHERE e.person_id = ANY (students) AND e.role = 'student'
          AND (e.begin_date IS NULL OR e.begin_date <= day)
          -- One small lookup per class. NOT EXISTS … OR EXISTS … hashed all of section_term.
          AND coalesce((SELECT min(t.start_date)
                  FROM section_term st JOIN term t ON t.id = st.term_id
                  WHERE st.section_id = e.section_id), day) <= day);
END $$;

-- The openings of this session's views, committed and at most 30 s old. A view in the running
-- transaction could still be rolled back, so it doesn't count. It is excluded by its own xid and
-- not by the snapshot's xmin, or one long import would blank every page. A change of a tie, duty or
-- restriction that the view could not see closes it (close_openings()). viewed() reads this with
-- enable_seqscan off and the view's number in a variable. A plan made while the table was small,
-- and kept by a connection for hours, read everyone's openings.
CREATE VIEW open_opening AS
    SELECT o.* FROM opening o JOIN asking_session s ON s.key = o.session_key
    WHERE o.until > clock_timestamp()
      AND o.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint
      AND NOT EXISTS (SELECT FROM closing c WHERE c.person_id = o.person_id
                      AND NOT pg_visible_in_snapshot(c.xid::text::xid8, o.seen::pg_snapshot));

-- The view that this request wrote and committed. NULLs if there isn't one. Every reading function
-- calls this first, once per call, and returns nothing without a view. The number of someone else's
-- view doesn't count.
CREATE FUNCTION viewed() RETURNS opening LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE named bigint := asking_look(); o opening;
BEGIN
    IF named IS NULL THEN RETURN o; END IF;
    SELECT * INTO o FROM open_opening w WHERE w.entry_id = named;
    RETURN o;
END $$;

-- The students on the page of this list that the request's view recorded, or everyone whom its
-- search found, in its order. NULL if there is no such view. Functions that read a list call this
-- first.
CREATE FUNCTION listed_by(list text) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE o opening := viewed();
BEGIN
    RETURN CASE WHEN o.act = list THEN o.listed END;
END $$;

-- Students for whom the request's view opened this kind of data. Scores and attendance have their
-- own readers, because a class opens them only for its own work.
CREATE FUNCTION opened(kind text) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.section_id IS NOT NULL THEN RETURN '{}'; END IF;
    RETURN coalesce(CASE kind WHEN 'contacts' THEN o.contacts WHEN 'birth date' THEN o.birth_date
        WHEN 'ledger' THEN o.ledger END, '{}');
END $$;

-- Adults whose tie opens the child's record today, without tutors.
CREATE FUNCTION adults_told_of(student integer) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT t.adult_id FROM tie t
    WHERE t.student_id = student AND t.state IN ('approved', 'under challenge') AND NOT t.is_shut
        AND t.kind <> 'tutor'
        AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
        AND NOT is_restricted(t.adult_id, student);
END $$;

-- Returns those of these people who are students on whose ties, restrictions, contacts and access
-- log I decide as an administrator. They are students of my schools, but no child I am related to.
-- A student who left has no school, so only the district's administrators decide. A list calls this
-- once. One call per student took longer for a list of twenty than 25 children's pages.
CREATE FUNCTION students_i_keep(among integer[]) RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT o.school_id FROM my_offices() o);
    is_everyones boolean := array_position(mine, NULL) IS NOT NULL;
    apart integer[] := people_not_decided_by(asking());
BEGIN
    IF mine = '{}' THEN RETURN; END IF;
    RETURN QUERY SELECT p.id FROM person p
        WHERE p.id = ANY (among) AND p.is_student AND p.id <> ALL (apart)
          AND (is_everyones OR p.id IN (SELECT s.student_id FROM schools_of_students(among) s
              WHERE s.school_id = ANY (mine)));
END $$;

CREATE FUNCTION i_keep_ties_of(child integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT students_i_keep(ARRAY[child]));
END $$;
