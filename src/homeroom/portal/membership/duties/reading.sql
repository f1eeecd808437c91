-- Duties and substitutes, for administrators and for the substitute.

-- `of_person` limits the duties to one person.
CREATE FUNCTION duties_shown(of_person uuid)
RETURNS TABLE (uuid uuid, name text, school text, duty text, first_day date, last_day date,
    may_end boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT d.uuid, full_name(p), s.name, d.duty, d.start_date, d.end_date - 1, may_end_duty(d)
    FROM duty d JOIN person p ON p.id = d.person_id JOIN school s ON s.id = d.school_id
    WHERE i_decide_for(d.school_id) AND (d.end_date IS NULL OR d.end_date > today())
      AND (of_person IS NULL OR p.uuid = of_person)
    ORDER BY s.name, d.duty, lower(full_name(p)), d.id LIMIT 1000;
END $$;

-- My own substitute classes, today's and later ones. The class has its title, and nothing about a
-- student.
CREATE FUNCTION my_substitute_classes()
RETURNS TABLE (section uuid, title text, school text, periods text[], first_day date,
    last_day date, is_open boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, c.title, s.name, c.periods, u.first_day, u.last_day,
        today() BETWEEN u.first_day AND u.last_day
    FROM substitution u JOIN section c ON c.id = u.section_id JOIN school s ON s.id = c.school_id
    WHERE u.person_id = asking() AND asking_side() = 'staff' AND u.ended_at IS NULL
      AND u.last_day >= today() ORDER BY u.first_day, c.periods, c.title, u.id;
END $$;

-- For administrators who assign a substitute: running classes of a school whose title or teacher
-- contains these words.
CREATE FUNCTION classes_found(of_school uuid, words text)
RETURNS TABLE (uuid uuid, title text, periods text[], teachers text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT w.uuid, w.title, w.periods, w.teachers FROM (
        SELECT c.uuid, c.title, c.periods,
            coalesce((SELECT string_agg(full_name(p), ', ' ORDER BY e.is_primary DESC, p.id)
                    FROM enrollment e JOIN person p ON p.id = e.person_id
                                                WHERE e.section_id = c.id AND e.role = 'teacher'
                                                  AND e.ended_at IS NULL), '') AS teachers
        FROM section c JOIN school s ON s.id = c.school_id
        WHERE s.uuid = of_school AND c.ended_at IS NULL AND i_decide_for(s.id)) w
    WHERE position(lower(words) IN lower(w.title || ' ' || w.teachers)) > 0
    ORDER BY lower(w.title), w.periods, w.teachers LIMIT 60;
END $$;

CREATE FUNCTION substitutions_shown(of_person uuid)
RETURNS TABLE (uuid uuid, name text, class text, school text, first_day date, last_day date,
    may_end boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT u.uuid, full_name(p), c.title, s.name, u.first_day, u.last_day, may_decide_about(p.id)
    FROM substitution u JOIN person p ON p.id = u.person_id JOIN section c ON c.id = u.section_id
         JOIN school s ON s.id = c.school_id
    WHERE i_decide_for(c.school_id) AND u.ended_at IS NULL AND u.last_day >= today()
      AND (of_person IS NULL OR p.uuid = of_person)
    ORDER BY u.first_day, lower(full_name(p)), u.id LIMIT 1000;
END $$;

GRANT EXECUTE ON FUNCTION duties_shown(uuid), my_substitute_classes(), classes_found(uuid, text),
    substitutions_shown(uuid) TO app;
