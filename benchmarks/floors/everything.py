"""The floor of the page of everything that is kept: its facts by hand-written SQL with explicit conditions, as owner, on one psycopg connection."""

STATEMENTS = (
    # the person, the names in the bar, and the district's choice
    """SELECT v.side, a.given_name, a.family_name, d.estimates,
              ARRAY(SELECT jsonb_build_array(c.uuid, c.given_name, c.family_name)
                    FROM tie t JOIN person c ON c.id = t.student_id WHERE t.adult_id = a.id AND t.state = 'approved' ORDER BY c.grade_levels DESC, c.given_name)
       FROM session v JOIN person a ON a.id = v.person_id CROSS JOIN district d WHERE v.key = %(key)s""",
    """SELECT p.given_name, p.middle_name, p.family_name, p.grade_levels, p.sourced_id, f.signed_at
       FROM person p LEFT JOIN delivery f ON f.id = p.delivery_id WHERE p.id = %(student)s""",
    """SELECT d.birth_date, f.signed_at FROM demographic d LEFT JOIN delivery f ON f.id = d.delivery_id WHERE d.person_id = %(student)s""",
    """SELECT d.email, d.phone, d.sms, f.signed_at FROM contact_detail d LEFT JOIN delivery f ON f.id = d.delivery_id WHERE d.person_id = %(student)s""",
    """SELECT c.name, c.relationship, c.kind, c.phone, c.phone_kind, c.email, c.ended_at, f.signed_at
       FROM contact c LEFT JOIN delivery f ON f.id = c.delivery_id WHERE c.student_id = %(student)s AND c.person_id = %(adult)s ORDER BY c.id""",
    """SELECT s.name, r.begin_date, r.end_date, r.ended_at, f.signed_at
       FROM role r JOIN school s ON s.id = r.school_id LEFT JOIN delivery f ON f.id = r.delivery_id
       WHERE r.person_id = %(student)s AND r.role = 'student' ORDER BY r.ended_at DESC NULLS FIRST, r.id DESC""",
    """SELECT s.title, e.begin_date, e.end_date, e.ended_at, f.signed_at
       FROM enrollment e JOIN section s ON s.id = e.section_id LEFT JOIN delivery f ON f.id = e.delivery_id
       WHERE e.person_id = %(student)s AND e.role = 'student' AND e.section_id = ANY (%(sections)s) ORDER BY e.ended_at DESC NULLS FIRST, e.id DESC""",
    """SELECT r.child_given_name, r.child_family_name, r.child_birth_date, r.relation, r.phone, r.asked_at, r.answered_at
       FROM registration r WHERE r.student_id = %(student)s AND r.person_id = %(adult)s ORDER BY r.id""",
    """SELECT i.asked_at, i.asked_for, i.open_until FROM inspection i WHERE i.student_id = %(student)s AND i.person_id = %(adult)s ORDER BY i.id""",
    """SELECT c.organization, c.kinds, c.purpose, c.consenter_id, c.signature, c.signed_at, c.last_day, c.ended_at
       FROM tutor_consent c JOIN tie t ON t.id = c.tie_id WHERE t.student_id = %(student)s ORDER BY c.signed_at""",
    """SELECT m.effective_on, m.announced_at FROM majority m WHERE m.student_id = %(student)s""",
    """SELECT d.basis, d.until, d.recorded_at, d.ended_at FROM dependence d WHERE d.student_id = %(student)s ORDER BY d.id""",
)
