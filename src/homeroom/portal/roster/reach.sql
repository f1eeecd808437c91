-- Whom the person asking can reach, each set resting on one tie. Views and reading functions use these sentences and no others.

-- My children on the family side, myself on the student side, nobody on the staff side: hats are never merged.
CREATE FUNCTION people_now(me integer, side text) RETURNS integer[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF side = 'family' THEN RETURN ARRAY(SELECT student_id FROM open_ties()); END IF;
    RETURN CASE WHEN side = 'student' AND is_readable(me, me) THEN ARRAY[me] ELSE '{}' END;
END $$;

-- The first day on which a class is closed to who taught it: 30 days after its session. NULL: it has no session, and does not close.
CREATE FUNCTION closes_to_teacher_on(class integer) RETURNS date LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT max(t.end_date) + 30 FROM section_term st JOIN term t ON t.id = st.term_id WHERE st.section_id = class);
END $$;

-- Who taught a class to the end of its session reads it until it closes; who was taken out before reads it no more.
CREATE FUNCTION sections_i_teach() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT e.section_id FROM enrollment e JOIN person p ON p.id = e.person_id AND p.ended_at IS NULL
    WHERE e.person_id = asking() AND asking_side() = 'staff' AND e.role = 'teacher' AND e.ended_at IS NULL
      AND (e.begin_date IS NULL OR e.begin_date <= today()) AND (e.end_date IS NULL OR e.end_date > today() OR e.end_date >= closes_to_teacher_on(e.section_id) - 30)
      AND coalesce(closes_to_teacher_on(e.section_id) > today(), true)
$$;

CREATE FUNCTION my_duties() RETURNS SETOF duty LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM duty WHERE person_id = asking() AND asking_side() = 'staff'
      AND start_date <= today() AND (end_date IS NULL OR end_date > today())
$$;

CREATE FUNCTION my_offices() RETURNS SETOF administrator LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM administrator WHERE person_id = asking() AND asking_side() = 'staff'
      AND start_date <= today() AND (end_date IS NULL OR end_date > today())
$$;

-- Classes whose record I may open as staff: my own; those of a school where I am principal or counselor; with the district's
-- setting, those of every school where I teach. A school knows its classes before they begin.
CREATE FUNCTION sections_i_may_open() RETURNS SETOF integer LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE mine integer[] := ARRAY(SELECT sections_i_teach());
    -- schools first, so that their classes come by an index: as one statement it read every class of the district twice
    schools integer[] := ARRAY(SELECT d.school_id FROM my_duties() d WHERE d.duty IN ('principal', 'counselor'));
BEGIN
    IF (SELECT teachers_see_school FROM district) THEN schools := schools || ARRAY(SELECT DISTINCT t.school_id FROM section t WHERE t.id = ANY (mine)); END IF;
    RETURN QUERY SELECT unnest(mine) UNION SELECT s.id FROM section s WHERE s.school_id = ANY (schools);
END $$;

-- Classes of these students, once their term has begun: next term's schedule is not out yet.
CREATE FUNCTION sections_of(students integer[]) RETURNS integer[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE day date := today();
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT e.section_id FROM enrollment e
        WHERE e.person_id = ANY (students) AND e.role = 'student' AND (e.begin_date IS NULL OR e.begin_date <= day)
          -- one small look-up a class; NOT EXISTS … OR EXISTS … hashed all of section_term
          AND coalesce((SELECT min(t.start_date) FROM section_term st JOIN term t ON t.id = st.term_id WHERE st.section_id = e.section_id), day) <= day);
END $$;
