-- The accounts that a setting concerns, and how two answers differ.

-- Accounts whose reach may depend on the setting. Asking any others would be useless.
CREATE FUNCTION accounts_of_setting(of_setting text) RETURNS SETOF account LANGUAGE sql STABLE AS $$
    SELECT a.* FROM account a
    WHERE of_setting = 'teachers_see_school' AND a.side = 'staff' AND a.is_active
        AND EXISTS (SELECT FROM enrollment e
            WHERE e.person_id = a.person_id AND e.role = 'teacher' AND e.ended_at IS NULL)
    UNION ALL
    SELECT a.* FROM account a WHERE of_setting = 'tutors' AND a.side = 'family' AND a.is_active
        AND EXISTS (SELECT FROM tie t
            WHERE t.adult_id = a.person_id AND t.kind = 'tutor' AND t.state <> 'ended')
    UNION ALL
    SELECT a.* FROM (SELECT p.id FROM person p WHERE of_setting = 'leaving_days' AND p.is_student
                     AND NOT EXISTS (SELECT FROM role r
                         WHERE r.person_id = p.id AND r.role = 'student' AND r.ended_at IS NULL
                           AND r.end_date IS NULL AND p.ended_at IS NULL)) w,
         LATERAL (SELECT t.adult_id AS person_id, 'family' AS side FROM tie t
             WHERE t.student_id = w.id AND t.state <> 'ended' UNION SELECT w.id, 'student') q
         JOIN account a ON a.person_id = q.person_id AND a.side = q.side AND a.is_active
         GROUP BY a.id
$$;

-- More or fewer students, or more or fewer classes with the same students.
CREATE FUNCTION differing_reach(before jsonb, after jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH of_each AS MATERIALIZED (
        SELECT person, capacity, kind, coalesce(b.students, 0) AS was,
            coalesce(a.students, 0) AS now, coalesce(b.classes, 0) AS was_classes,
            coalesce(a.classes, 0) AS classes
        FROM jsonb_to_recordset(before) AS b (person integer, capacity text, kind text,
            students integer, classes integer)
             FULL JOIN jsonb_to_recordset(after) AS a (person integer, capacity text, kind text,
                 students integer, classes integer) USING (person, capacity, kind)),
        differ AS MATERIALIZED (SELECT *, (now, classes) > (was, was_classes) AS is_more
            FROM of_each WHERE (now, classes) <> (was, was_classes))
    SELECT jsonb_build_object(
        'asked', (SELECT count(DISTINCT person) FROM of_each),
        'rows', (SELECT coalesce(jsonb_agg(w), '[]') FROM (
            SELECT capacity, kind, count(*) FILTER (WHERE is_more) AS gain,
                   count(*) FILTER (WHERE NOT is_more) AS lose,
                   coalesce(max(now - was) FILTER (WHERE is_more), 0) AS most_more,
                   coalesce(max(was - now) FILTER (WHERE NOT is_more), 0) AS most_fewer
            FROM differ GROUP BY 1, 2 ORDER BY 1, 2) w),
        'names', (SELECT coalesce(jsonb_agg(w), '[]') FROM (
            SELECT full_name(p) AS name, kind, was, now, was_classes, classes
            FROM differ JOIN person p ON p.id = person
            WHERE capacity IN ('teacher', 'tutor') AND may_decide_about(person)
            ORDER BY abs(now - was) DESC, p.family_name, p.id, kind LIMIT 8) w))
$$;
