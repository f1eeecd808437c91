"""The floor of a class's gradebook: its facts by hand-written SQL with explicit conditions, as owner."""

STATEMENTS = (
    # the person: their session, their names, the district's choice, and the day of the newest file
    """SELECT v.side, v.previous_visit_at, a.id, a.uuid, a.given_name, a.family_name,
              a.preferred_given_name, a.preferred_family_name, d.estimates,
              (SELECT max(signed_at) FROM delivery WHERE state = 'imported')
       FROM session v JOIN person a ON a.id = v.person_id CROSS JOIN district d WHERE v.key = %(key)s""",
    # the class, if this person teaches it, with its school, terms and count of students
    """SELECT s.id, s.uuid, s.title, s.periods, c.name,
              ARRAY(SELECT jsonb_build_array(t.title, t.start_date, t.end_date)
                    FROM section_term st JOIN term t ON t.id = st.term_id
                    WHERE st.section_id = s.id AND t.ended_at IS NULL ORDER BY t.end_date),
              (SELECT count(DISTINCT e.person_id) FROM enrollment e
               WHERE e.section_id = s.id AND e.role = 'student' AND e.ended_at IS NULL)
       FROM section s JOIN school c ON c.id = s.school_id
       WHERE s.id = %(section)s AND s.ended_at IS NULL
         AND EXISTS (SELECT FROM enrollment x WHERE x.section_id = s.id AND x.person_id = %(teacher)s
                     AND x.role = 'teacher' AND x.ended_at IS NULL)""",
    # its students by name, with those who dropped it at the end
    """SELECT e.begin_date, e.end_date, e.ended_at, p.id, p.uuid,
              coalesce(nullif(p.preferred_family_name, ''), p.family_name) || ', ' ||
              coalesce(nullif(p.preferred_given_name, ''), p.given_name) AS name
       FROM enrollment e JOIN person p ON p.id = e.person_id
       WHERE e.section_id = %(section)s AND e.role = 'student' ORDER BY e.ended_at IS NOT NULL, name, p.id""",
    # its work with category and term, newest first
    """SELECT l.id, l.title, c.title, c.weight, l.due_date, l.score_max, l.is_grade, t.title, t.start_date, t.end_date
       FROM line_item l JOIN category c ON c.id = l.category_id JOIN term t ON t.id = l.term_id
       WHERE l.section_id = %(section)s AND l.ended_at IS NULL ORDER BY l.due_date DESC, l.id DESC""",
    # the results of these students in this work
    """SELECT r.student_id, r.line_item_id, r.score, r.text_score, r.status, r.score_date,
              r.is_late, r.is_missing, r.is_incomplete, r.in_progress, r.comment
       FROM result r
       WHERE r.line_item_id = ANY (ARRAY(SELECT l.id FROM line_item l
                                         WHERE l.section_id = %(section)s AND l.ended_at IS NULL))
         AND r.student_id IN (SELECT e.person_id FROM enrollment e
                              WHERE e.section_id = %(section)s AND e.role = 'student')
         AND r.ended_at IS NULL
       ORDER BY r.score_date, r.id""",
)
