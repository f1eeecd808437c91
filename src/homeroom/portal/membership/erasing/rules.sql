-- Which rows go with an erased student, and what forbids erasing one.

-- The person's row and the rows that were merged into it.
CREATE FUNCTION records_of(who integer) RETURNS integer[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE one (id) AS (SELECT who
        UNION SELECT m.old_id FROM merge m JOIN one ON m.into_id = one.id WHERE m.undone_at IS NULL)
    SELECT array_agg(id) FROM one
$$;

-- Returns why the student can't be erased, as a code, or ''. Nothing may be destroyed while an
-- inspection is requested or open (34 CFR 99.10(e)), or under a hold. A person who is more than a
-- student has a record of another kind. A student who is still in the district's file would be left
-- out of it every night.
CREATE FUNCTION why_not_erased(who integer, is_enrolled_said boolean) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM inspection i
            WHERE i.student_id = ANY (records_of(who))
              AND (i.state = 'waiting' OR i.open_until > today())) THEN 'inspection'
        WHEN EXISTS (SELECT FROM correction c
            WHERE c.student_id = ANY (records_of(who))
              AND c.state IN ('waiting', 'hearing', 'agreed'))
                THEN 'correction'
        WHEN EXISTS (SELECT FROM hold h
            WHERE h.student_id = ANY (records_of(who)) AND h.ended_at IS NULL) THEN 'hold'
        WHEN NOT p.is_student AND NOT EXISTS (SELECT FROM role r
            WHERE r.person_id = who AND r.role = 'student') THEN 'no student'
        WHEN p.is_staff OR EXISTS (SELECT FROM role r
            WHERE r.person_id = who AND r.role <> 'student')
              OR EXISTS (SELECT FROM tie t WHERE t.adult_id = who)
            OR EXISTS (SELECT FROM administrator a WHERE a.person_id = who)
            OR EXISTS (SELECT FROM duty d WHERE d.person_id = who)
            OR EXISTS (SELECT FROM account a WHERE a.person_id = who AND a.side <> 'student')
                THEN 'not only a student'
        WHEN left_on(who) IS NULL AND NOT is_enrolled_said THEN 'enrolled'
        ELSE '' END
    FROM person p WHERE p.id = who
$$;

-- Whether the column names a person next to someone else's row, such as the person who acted, or a
-- brother that another child's row names. The row stays without them.
CREATE FUNCTION is_beside(of_table regclass, of_column name) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT of_column LIKE '%\_by\_id'
        OR (of_table, of_column) IN (('contact'::regclass, 'person_id'),
            ('age_effect'::regclass, 'opener_id'))
$$;

-- Whether typed data names the child. Such a request was never matched to the record.
CREATE FUNCTION names_one_of(given text, family text, born date, ids integer[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM person p JOIN demographic b ON b.person_id = p.id
        WHERE p.id = ANY (ids) AND b.birth_date = born AND lower(p.family_name) = lower(family)
          AND lower(given) IN (lower(p.given_name), lower(p.preferred_given_name)))
$$;
