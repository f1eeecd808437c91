"""The floor of a preview: the students that each teacher reaches in their own classes and in those of their schools, without any rule."""

REACH = """WITH mine AS (SELECT e.person_id AS teacher, e.section_id, s.school_id FROM enrollment e JOIN section s ON s.id = e.section_id
        WHERE e.role = 'teacher' AND e.ended_at IS NULL),
    own AS (SELECT m.teacher, count(DISTINCT e.person_id) AS students FROM mine m JOIN enrollment e ON e.section_id = m.section_id
            WHERE e.role = 'student' AND e.ended_at IS NULL GROUP BY m.teacher),
    school AS (SELECT m.teacher, count(DISTINCT e.person_id) AS students FROM (SELECT DISTINCT teacher, school_id FROM mine) m
               JOIN section s ON s.school_id = m.school_id JOIN enrollment e ON e.section_id = s.id
               WHERE e.role = 'student' AND e.ended_at IS NULL GROUP BY m.teacher)
    SELECT o.teacher, o.students, s.students FROM own o JOIN school s ON s.teacher = o.teacher"""
