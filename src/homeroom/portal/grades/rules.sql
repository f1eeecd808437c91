-- Who sees a class's gradebook, and which line items hold the grade of a class.

-- Students of a class that I may open, without those I am restricted from. A teacher of the
-- class also sees students who dropped it while they taught it. sections_i_teach() closes both 30
-- days after the class's session.
CREATE FUNCTION seen_in_gradebook(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
DECLARE taught integer[] := ARRAY(SELECT sections_i_teach());
    barred integer[] := barred_from();
    class record;
    me integer;
    as_what text := 'teacher';
BEGIN
    SELECT s.id, s.school_id, s.id = ANY (taught) AS is_mine INTO class FROM section s
        WHERE s.uuid = subject
          AND (s.id = ANY (taught) OR s.school_id = ANY (schools_i_may_open(taught)));
    IF NOT FOUND THEN RETURN; END IF;
    IF NOT class.is_mine THEN
        as_what := coalesce('duty: ' || (SELECT min(d.duty) FROM my_duties() d
            JOIN duty_kinds() k USING (duty)
            WHERE d.school_id = class.school_id AND k.has_classes), 'teacher of the school');
    ELSIF closes_to_teacher_on(class.id) > today() THEN
        me := asking();
    END IF;
    -- if me is NULL, no one who dropped the class
    RETURN QUERY
    SELECT DISTINCT n.person_id, NULL::integer, wanted, as_what, class.id
    FROM enrollment n
    WHERE n.section_id = class.id AND n.role = 'student' AND n.person_id <> ALL (barred)
      AND (n.ended_at IS NULL OR EXISTS (SELECT FROM enrollment k
          WHERE k.section_id = class.id AND k.person_id = me AND k.role = 'teacher'
            AND k.ended_at IS NULL
            AND (k.begin_date IS NULL OR k.begin_date <= (
                n.ended_at AT TIME ZONE (SELECT d.time_zone FROM district d))::date)));
END $$;

-- All classes whose gradebook the person asking may open.
CREATE FUNCTION gradebooks_reached(wanted text[])
RETURNS TABLE (capacity text, kind text, ids integer[]) LANGUAGE sql STABLE AS $$
    SELECT 'teacher', k, ARRAY(SELECT sections_i_may_open() ORDER BY 1)
    FROM unnest(wanted) k WHERE asking_side() = 'staff'
$$;

-- The child's classes whose gradebook the person asking may open.
CREATE FUNCTION gradebooks_of(child integer) RETURNS SETOF uuid LANGUAGE plpgsql STABLE AS $$
DECLARE taught integer[] := ARRAY(SELECT sections_i_teach());
    schools integer[] := schools_i_may_open(taught);
BEGIN
    IF taught = '{}' AND schools = '{}' THEN RETURN; END IF;
    RETURN QUERY SELECT c.uuid FROM section c
        WHERE c.id = ANY (classes_of_child(child))
          AND (c.id = ANY (taught) OR c.school_id = ANY (schools));
END $$;

-- Staff of the child's classes and, with the district's setting, every teacher of their schools.
CREATE FUNCTION staff_of_classes(child integer) RETURNS TABLE (person_id integer, side text)
LANGUAGE sql STABLE AS $$
    SELECT e.person_id, 'staff' FROM enrollment e
    WHERE e.section_id = ANY (classes_of_child(child)) AND e.role <> 'student'
      AND e.ended_at IS NULL
    UNION SELECT e.person_id, 'staff'
    FROM district x JOIN section s ON x.teachers_see_school
        AND s.school_id IN (SELECT schools_of_child(child))
        JOIN enrollment e ON e.section_id = s.id AND e.role = 'teacher' AND e.ended_at IS NULL
$$;

-- Line items that these titles of categories would change. A line item holds the grade of its class
-- if its category has one of the titles, in any capitals. It also does if its results name the
-- class, and at most half of all line items have such results.
CREATE FUNCTION grades_otherwise(titles text[])
RETURNS TABLE (line_item_id integer, section_id integer, becomes boolean)
LANGUAGE sql STABLE AS $$
    WITH few AS (SELECT count(*) FILTER (WHERE names_class) * 2 <= count(*) AS is_so
            FROM line_item),
         named AS (SELECT lower(u.title) AS title FROM unnest(titles) AS u (title)),
         should AS (SELECT i.id, i.section_id, i.is_grade,
                        lower(c.title) IN (SELECT title FROM named)
                            OR i.names_class AND (SELECT is_so FROM few) AS becomes
                    FROM line_item i JOIN category c ON c.id = i.category_id)
    SELECT id, section_id, becomes FROM should WHERE is_grade <> becomes
$$;

-- Titles of categories: those that hold grades, then the others in the files, the most used first.
-- `classes` counts those with an assignment of the category.
CREATE FUNCTION categories_used(most integer)
RETURNS TABLE (title text, is_chosen boolean, line_items bigint, classes bigint)
LANGUAGE sql STABLE AS $$
    WITH used AS MATERIALIZED (
            SELECT lower(c.title) AS name, min(c.title) AS title,
                   sum(w.line_items)::bigint AS items, count(DISTINCT w.section_id) AS classes
            FROM category c JOIN (SELECT category_id, section_id, count(*) AS line_items
                FROM line_item WHERE ended_at IS NULL GROUP BY 1, 2) w ON w.category_id = c.id
            GROUP BY 1),
         chosen AS (SELECT u.title FROM district d, unnest(d.grade_categories) AS u (title))
    (SELECT c.title, true, coalesce(u.items, 0), coalesce(u.classes, 0)
     FROM chosen c LEFT JOIN used u ON u.name = lower(c.title)
     ORDER BY u.classes DESC NULLS LAST, c.title)
    UNION ALL
    (SELECT u.title, false, u.items, u.classes FROM used u
     WHERE u.name NOT IN (SELECT lower(title) FROM chosen)
     ORDER BY u.classes DESC, u.title LIMIT greatest(most, 0))
$$;

-- The effect of these titles in numbers: classes that would gain or lose a grade, assignments that
-- would become grades, and grades that would become assignments.
CREATE FUNCTION categories_effect(titles text[])
RETURNS TABLE (gain bigint, lose bigint, into_grades bigint, into_work bigint)
LANGUAGE sql STABLE AS $$
    WITH differ AS MATERIALIZED (SELECT o.* FROM grades_otherwise(titles) o
            JOIN line_item i ON i.id = o.line_item_id AND i.ended_at IS NULL),
         items AS (SELECT i.section_id, i.id, i.is_grade AS was,
                       coalesce(d.becomes, i.is_grade) AS becomes
                   FROM line_item i LEFT JOIN differ d ON d.line_item_id = i.id
                   WHERE i.ended_at IS NULL AND i.section_id IN (SELECT section_id FROM differ)),
         of_class AS (SELECT bool_or(w.was) AS was, bool_or(w.becomes) AS becomes
                      FROM items w JOIN section s ON s.id = w.section_id AND s.ended_at IS NULL
                      WHERE (w.was OR w.becomes)
                        AND EXISTS (SELECT FROM result r
                            WHERE r.line_item_id = w.id AND r.ended_at IS NULL)
                      GROUP BY w.section_id)
    SELECT count(*) FILTER (WHERE NOT was), count(*) FILTER (WHERE NOT becomes),
           (SELECT count(*) FROM differ WHERE becomes),
           (SELECT count(*) FROM differ WHERE NOT becomes)
    FROM of_class
$$;

-- Classes of a running term with scores and without a grade. Families see an estimate for these if
-- the district shows estimates. Their students are not counted, because an administrator would
-- learn of an enrollment that no view opened.
CREATE FUNCTION classes_ungraded() RETURNS TABLE (classes bigint)
LANGUAGE sql STABLE AS $$
    WITH items AS (SELECT i.id, i.section_id, i.is_grade FROM line_item i
            JOIN section s ON s.id = i.section_id AND s.ended_at IS NULL
            JOIN term t ON t.id = i.term_id AND t.ended_at IS NULL
                AND t.start_date <= today() AND t.end_date > today()
            WHERE i.ended_at IS NULL),
         ungraded AS (SELECT w.section_id FROM items w
            WHERE EXISTS (SELECT FROM result r WHERE r.line_item_id = w.id AND r.ended_at IS NULL
                AND (r.score IS NOT NULL OR w.is_grade AND r.text_score IS NOT NULL))
            GROUP BY w.section_id HAVING NOT bool_or(w.is_grade))
    SELECT count(*) FROM ungraded
$$;
