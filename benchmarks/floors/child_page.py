"""The floor of a child's page: its facts by hand-written SQL with explicit conditions, as owner, on one psycopg connection."""

STATEMENTS = (
    # the person: the visit before this one and what it could see, the names in the bar, and the district's choice
    """SELECT v.side, v.previous_visit_at, a.id, a.uuid, a.given_name, a.family_name, a.preferred_given_name, a.preferred_family_name, d.estimates,
              (SELECT max(id) FROM delivery WHERE state = 'imported' AND ended_at <= v.previous_visit_at),
              ARRAY(SELECT jsonb_build_array(c.uuid, c.given_name, c.family_name, c.preferred_given_name, c.preferred_family_name)
                    FROM tie t JOIN person c ON c.id = t.student_id WHERE t.adult_id = a.id AND t.state = 'approved' ORDER BY c.grade_levels DESC, c.given_name)
       FROM session v JOIN person a ON a.id = v.person_id CROSS JOIN district d WHERE v.key = %(key)s""",
    # the student: their school, what the codes mean, and the date of the data
    """SELECT p.*, ARRAY(SELECT s.name FROM role r JOIN school s ON s.id = r.school_id WHERE r.person_id = p.id AND r.role = 'student' AND r.ended_at IS NULL),
              (SELECT t.view_kinds FROM tie t WHERE t.adult_id = %(adult)s AND t.student_id = p.id AND t.state = 'approved'),
              (SELECT max(signed_at) FROM delivery WHERE state = 'imported'),
              (SELECT jsonb_agg(jsonb_build_array(status, excuse_code, presence, excuse)) FROM attendance_code)
       FROM person p WHERE p.id = %(student)s""",
    # classes with terms and teachers
    """SELECT e.section_id, s.uuid, s.title, s.periods, e.end_date,
              ARRAY(SELECT jsonb_build_array(t.title, t.start_date, t.end_date) FROM section_term st JOIN term t ON t.id = st.term_id
                    WHERE st.section_id = s.id AND t.ended_at IS NULL ORDER BY t.end_date),
              ARRAY(SELECT jsonb_build_array(p.given_name, p.family_name, p.preferred_given_name, p.preferred_family_name)
                    FROM enrollment x JOIN person p ON p.id = x.person_id
                    WHERE x.section_id = s.id AND x.role = 'teacher' AND x.ended_at IS NULL ORDER BY x.is_primary DESC, x.id)
       FROM enrollment e JOIN section s ON s.id = e.section_id
       WHERE e.person_id = %(student)s AND e.role = 'student' AND e.ended_at IS NULL AND s.ended_at IS NULL ORDER BY s.title""",
    # all work with this student's result
    """SELECT l.section_id, l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade, t.title, t.start_date, t.end_date,
              r.score, r.text_score, r.status, r.score_date, r.is_late, r.is_missing, r.is_incomplete, r.in_progress, r.comment, r.delivery_id
       FROM line_item l JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
            LEFT JOIN result r ON r.line_item_id = l.id AND r.student_id = %(student)s AND r.ended_at IS NULL
       WHERE l.section_id = ANY (%(sections)s) AND l.ended_at IS NULL ORDER BY l.due_date DESC, l.id DESC""",
    # the scores before each change
    """SELECT x.student_id, r.line_item_id, x.delivery_id, x.old_score, x.old_text_score FROM result_change x JOIN result r ON r.id = x.result_id
       WHERE x.student_id = %(student)s AND r.ended_at IS NULL ORDER BY x.id""",
    # attendance
    """SELECT m.day, m.status, m.excuse_code, bool_or(m.section_id IS NULL), array_agg(s.periods[1])
       FROM attendance_mark m LEFT JOIN section s ON s.id = m.section_id
       WHERE m.student_id = %(student)s AND m.day >= (date_trunc('year', today() - interval '6 months') + interval '6 months')::date AND m.ended_at IS NULL
       GROUP BY m.day, m.status, m.excuse_code ORDER BY m.day""",
    # how many people at school viewed in seven days, and who did last, when and in which role
    """SELECT count(DISTINCT l.person_id), max(s.at), (array_agg(w.given_name || ' ' || w.family_name ORDER BY s.at DESC))[1],
              (array_agg(c.title ORDER BY s.at DESC))[1], (array_agg(l.capacity ORDER BY s.at DESC))[1]
       FROM ledger_student s JOIN ledger l ON l.id = s.entry_id JOIN person w ON w.id = l.person_id LEFT JOIN section c ON c.id = l.section_id
       WHERE s.student_id = %(student)s AND s.at > now() - interval '7 days' AND l.event = 'look' AND l.capacity NOT IN ('family', 'student')""",
)
