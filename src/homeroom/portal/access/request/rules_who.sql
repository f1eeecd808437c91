-- Who can see one student today, and why (34 CFR 99.10, 99.32; Ed. Code 49069.7). There is no list:
-- each account that might see the student is asked by the rules of look(), in a session that is
-- undone.

-- Classes of the child as a gradebook has them: next term's, too, and one that was dropped, as long
-- as its teacher reads it.
CREATE FUNCTION classes_of_child(child integer) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(e.section_id), '{}') FROM enrollment e
    WHERE e.person_id = child AND e.role = 'student'
        AND (e.ended_at IS NULL OR closes_to_teacher_on(e.section_id) > today())
$$;

-- The schools of the child's role and classes.
CREATE FUNCTION schools_of_child(child integer) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT r.school_id FROM role r WHERE r.person_id = child AND r.role = 'student'
    UNION SELECT c.school_id FROM section c WHERE c.id = ANY (classes_of_child(child))
$$;

-- Accounts worth asking: every rule of seen_by() starts from a tie, the child, a class of the
-- child's, a duty at a school of these, an office, or a substitution. Who is missing here would be
-- missing on the page; who is here for nothing is asked, and sees nothing.
CREATE FUNCTION accounts_to_ask(child integer) RETURNS SETOF account LANGUAGE sql STABLE AS $$
    WITH class AS MATERIALIZED (SELECT unnest(classes_of_child(child)) AS id),
         place AS MATERIALIZED (SELECT s AS id FROM schools_of_child(child) s),
         staff AS (SELECT e.person_id FROM enrollment e
             WHERE e.section_id IN (SELECT c.id FROM class c) AND e.role <> 'student'
               AND e.ended_at IS NULL
                   UNION SELECT d.person_id FROM duty d
                   WHERE d.school_id IN (SELECT p.id FROM place p)
                   UNION SELECT o.person_id FROM administrator o
                   UNION SELECT u.person_id FROM substitution u
                   WHERE u.section_id IN (SELECT c.id FROM class c)
                   UNION SELECT e.person_id
                   FROM district x JOIN section s ON x.teachers_see_school
                       AND s.school_id IN (SELECT p.id FROM place p)
                        JOIN enrollment e ON e.section_id = s.id AND e.role = 'teacher'
                            AND e.ended_at IS NULL)
    SELECT a.* FROM account a JOIN (
        SELECT s.person_id, 'staff' AS side FROM staff s
        UNION SELECT t.adult_id, 'family' FROM tie t
        WHERE t.student_id = child AND t.state <> 'ended'
        UNION SELECT child, 'student') w ON w.person_id = a.person_id AND w.side = a.side
    WHERE a.is_active
$$;

-- What looks of the person asking would open of the child, a row a capacity. An office opens a
-- record where a file, a request or a challenge asks it to decide: whether one does is not told
-- here, or the family would read that somebody challenged, so these rows stand for whoever would be
-- let in.
CREATE FUNCTION looks_of_mine(child integer)
RETURNS TABLE (capacity text, kinds text[], classes integer[], tie integer)
LANGUAGE sql STABLE AS $$
    SELECT s.capacity, array_agg(DISTINCT k),
        array_agg(DISTINCT s.section_id) FILTER (WHERE s.section_id IS NOT NULL), min(s.tie_id)
    FROM (SELECT 'child' AS act, p.uuid AS subject FROM person p WHERE p.id = child
          UNION ALL SELECT 'gradebook', c.uuid FROM section c
          WHERE c.id = ANY (classes_of_child(child)) AND c.id IN (SELECT sections_i_may_open())
          UNION ALL SELECT 'class names', c.uuid FROM section c
          WHERE c.id = ANY (classes_of_child(child))
            AND c.id IN (SELECT u.section_id FROM my_substitutions() u)) a,
         LATERAL seen_by(a.act, a.subject) s, unnest(s.kinds) k
    WHERE s.student_id = child GROUP BY s.capacity
    UNION ALL
    SELECT office_i_act_in(), ARRAY['contacts', 'birth date'], NULL, NULL
    WHERE NOT EXISTS (SELECT FROM my_offices()) AND may_decide_about(child)
        AND EXISTS (SELECT FROM schools_of_my_office() s WHERE is_of_school(child, 'student', s))
    UNION ALL
    SELECT 'administrator',
        ARRAY['contacts', 'birth date', 'changes']
            || CASE WHEN i_keep_ties_of(child) THEN ARRAY['ledger'] ELSE '{}' END, NULL, NULL
                WHERE EXISTS (SELECT FROM my_offices()) AND NOT is_restricted(asking(), child)
$$;

-- What was answered, a row for each person and part of the page; of administrators, and of support,
-- one row.
CREATE FUNCTION seen_of_child(child integer, asked jsonb)
RETURNS TABLE (part text, as_what text, person integer, people bigint, capacities text[],
    kinds text[], classes integer[], tie integer, grant_id integer) LANGUAGE sql STABLE AS $$
    WITH row AS (
        SELECT r.*, CASE WHEN r.side = 'family'
            THEN CASE t.kind WHEN 'tutor' THEN 'tutor' ELSE 'family' END
                WHEN r.side IN ('student', 'support') THEN r.side
                         WHEN r.capacity IN ('teacher', 'teacher of the school', 'substitute')
                             THEN 'teacher'
                         WHEN r.capacity = 'administrator' THEN 'administrator'
                         ELSE 'school' END AS part
        FROM jsonb_to_recordset(asked) AS r (person integer, side text, capacity text, kinds text[],
            classes integer[], tie integer, grant_id integer)
             LEFT JOIN tie t ON t.id = r.tie)
    SELECT w.part, CASE WHEN w.part IN ('teacher', 'school') THEN 'staff'
        WHEN w.part = 'tutor' THEN 'family' ELSE w.part END, n.person,
        count(DISTINCT coalesce(w.person, w.grant_id)),
           array_agg(DISTINCT w.capacity ORDER BY w.capacity),
           (SELECT array_agg(DISTINCT k ORDER BY k) FROM row o, unnest(o.kinds) k
               WHERE o.part = w.part AND (n.person IS NULL OR o.person = n.person)),
           (SELECT coalesce(array_agg(DISTINCT k) FILTER (
                   WHERE o.capacity <> 'teacher of the school'), array_agg(DISTINCT k))
            FROM row o, unnest(o.classes) k WHERE o.part = w.part AND o.person = n.person),
            min(w.tie), max(w.grant_id)
    FROM row w, LATERAL (SELECT CASE WHEN w.part NOT IN ('administrator', 'support')
            THEN w.person END AS person) n
    GROUP BY w.part, n.person
$$;
