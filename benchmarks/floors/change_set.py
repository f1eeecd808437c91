"""The floor of a change set's first page: its facts by hand-written SQL with explicit conditions, as owner, on one psycopg connection."""

STATEMENTS = (
    # the person, if they hold an office
    """SELECT p.given_name, p.family_name, a.id FROM person p JOIN administrator a ON a.person_id = p.id
       WHERE p.id = %(person)s AND (a.end_date IS NULL OR a.end_date > today())""",
    # the file
    """SELECT v.*, (SELECT count(*) FROM refused_row r WHERE r.delivery_id = v.id) FROM delivery v WHERE v.id = %(delivery)s""",
    # how many rows by kind and school
    "SELECT shape, school, school_title, kind, rows FROM change_count WHERE delivery_id = %(delivery)s ORDER BY school_title, school, shape, kind",
    # the first page's people, and whether there are more
    """SELECT uuid, place, about, name, person_id IS NOT NULL, schools, counts, stands_out FROM change
       WHERE delivery_id = %(delivery)s AND place > 0 ORDER BY place LIMIT 51""",
    # how many, up to a thousand
    "SELECT count(*) FROM (SELECT FROM change WHERE delivery_id = %(delivery)s LIMIT 1001) AS found",
)
