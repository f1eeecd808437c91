-- Which people and classes the person asking reaches, and what the request's view opened. Each set
-- rests on one tie.

-- My children on the family side, myself on the student side, nobody on the staff side: hats are
-- never merged.
CREATE FUNCTION people_now(me integer, side text) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF side = 'family' THEN RETURN ARRAY(SELECT student_id FROM open_ties()); END IF;
    RETURN CASE WHEN side = 'student' AND is_readable(me, me) THEN ARRAY[me] ELSE '{}' END;
END $$;

-- Schools whose classes I may all open as staff: where a duty of mine opens them; with the
-- district's setting, every school where I teach. taught: sections_i_teach().
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

-- Classes whose record I may open as staff: my own, and those of these schools. A school knows its
-- classes before they begin.
CREATE FUNCTION sections_i_may_open() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer[] := ARRAY(SELECT sections_i_teach());
    -- schools first, so that their classes come by an index: as one statement it read every class
    -- of the district twice
    schools integer[] := schools_i_may_open(mine);
BEGIN
    RETURN QUERY SELECT unnest(mine)
        UNION SELECT s.id FROM section s WHERE s.school_id = ANY (schools);
END $$;

-- Classes of these students, once their term has begun: next term's schedule is not out yet.
CREATE FUNCTION sections_of(students integer[]) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE day date := today();
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT e.section_id FROM enrollment e
        WHERE e.person_id = ANY (students) AND e.role = 'student'
          AND (e.begin_date IS NULL OR e.begin_date <= day)
          -- one small look-up a class; NOT EXISTS … OR EXISTS … hashed all of section_term
          AND coalesce((SELECT min(t.start_date)
                  FROM section_term st JOIN term t ON t.id = st.term_id
                  WHERE st.section_id = e.section_id), day) <= day);
END $$;

-- The openings of this session's looks: committed, at most 30 s old. A look of the running
-- transaction could still be rolled back, so it opens nothing (by its own xid, not the snapshot's
-- xmin: one long import would blank every page). What a tie, duty or restriction changed that the
-- look could not see closes it (close_openings()). viewed() reads it with enable_seqscan off and
-- the view's number in a variable: a plan made while the table was small, and kept by a connection
-- for hours, read everyone's openings.
CREATE VIEW open_opening AS
    SELECT o.* FROM opening o JOIN asking_session s ON s.key = o.session_key
    WHERE o.until > clock_timestamp()
      AND o.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint
      AND NOT EXISTS (SELECT FROM closing c WHERE c.person_id = o.person_id
                      AND NOT pg_visible_in_snapshot(c.xid::text::xid8, o.seen::pg_snapshot));

-- The view that this request wrote down and committed; NULLs where there is none. Every reading
-- function asks this first, once per call, and returns nothing without it. The number of somebody
-- else's view opens nothing.
CREATE FUNCTION viewed() RETURNS opening LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE named bigint := asking_look(); o opening;
BEGIN
    IF named IS NULL THEN RETURN o; END IF;
    SELECT * INTO o FROM open_opening w WHERE w.entry_id = named;
    RETURN o;
END $$;

-- The students of the page of this list that the request's view wrote down, or everyone whom its
-- search found, in its order; NULL: there is no such view. What reads a list asks this first.
CREATE FUNCTION listed_by(list text) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE o opening := viewed();
BEGIN
    RETURN CASE WHEN o.act = list THEN o.listed END;
END $$;

-- Students of whom the request's view opened this kind. Scores and attendance have readers of their
-- own: a class opens them for its own work alone.
CREATE FUNCTION opened(kind text) RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
DECLARE o opening := viewed();
BEGIN
    IF o.section_id IS NOT NULL THEN RETURN '{}'; END IF;
    RETURN coalesce(CASE kind WHEN 'contacts' THEN o.contacts WHEN 'birth date' THEN o.birth_date
        WHEN 'ledger' THEN o.ledger END, '{}');
END $$;

-- Adults whose tie opens the child's record today; no tutor.
CREATE FUNCTION adults_told_of(student integer) RETURNS SETOF integer
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT t.adult_id FROM tie t
    WHERE t.student_id = student AND t.state IN ('approved', 'under challenge') AND NOT t.is_shut
        AND t.kind <> 'tutor'
        AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
        AND NOT is_restricted(t.adult_id, student);
END $$;

-- Of these people the students whose ties, restrictions, contacts and ledger I decide on as an
-- administrator: those of my schools, but no child that I have to do with. Who left has no school
-- any more: the district's administrators decide, as long as a family reads on. Asked once for a
-- list: one by one, a list of twenty took longer than 25 children's pages.
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
