"""The least that the queue's first page must read, as owner and without policies: counts by kind, and fifty rows with names."""

COUNTED = """SELECT count(*) FILTER (WHERE NOT is_exact), count(*) FILTER (WHERE is_exact) FROM registration WHERE state = 'waiting'"""
ROWS = """SELECT r.id, r.uuid, p.given_name, p.family_name, r.child_given_name, r.child_family_name, s.name, r.asked_at, r.student_id
    FROM registration r JOIN person p ON p.id = r.person_id JOIN school s ON s.id = r.office_id
    WHERE r.state = 'waiting' AND NOT r.is_exact ORDER BY r.id LIMIT 51"""
SCHOOLS = "SELECT uuid, name FROM school WHERE kind = 'school' AND ended_at IS NULL ORDER BY name"
STATEMENTS = (COUNTED, ROWS, SCHOOLS)
