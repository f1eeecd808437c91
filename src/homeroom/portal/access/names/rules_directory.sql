-- Directory information: what the district may give to anyone without a consent (34 CFR 99.37, Ed.
-- Code 49073). Every list and export that leaves the school asks here, and so does news. Nothing is
-- public before the district adopts its category, and an opt-out closes it again. A name in class
-- stays (34 CFR 99.37(c)).

-- The categories that 34 CFR 99.3 and Ed. Code 49061(c) both name and that Homeroom holds.
CREATE FUNCTION directory_categories()
RETURNS TABLE (category text, is_adopted boolean, place integer)
LANGUAGE sql STABLE AS $$
    SELECT c.category, c.is_adopted, c.place FROM district d, LATERAL (VALUES
        ('name', d.directory_name, 1), ('birth date', d.directory_birth_date, 2),
        ('email', d.directory_email, 3), ('phone', d.directory_phone, 4),
        ('attendance dates', d.directory_attendance_dates, 5)) c (category, is_adopted, place)
$$;

-- The open opt-outs of these students, also those of records that were merged into theirs.
CREATE FUNCTION opt_outs_of(children integer[])
RETURNS TABLE (student_id integer, category text, person_id integer, id integer)
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE one (child, id) AS (SELECT c, c FROM unnest(children) c
        UNION SELECT o.child, m.old_id FROM one o JOIN merge m ON m.into_id = o.id
        WHERE m.undone_at IS NULL)
    SELECT o.child, x.category, x.person_id, x.id
    FROM one o JOIN directory_opt_out x ON x.student_id = o.id WHERE x.ended_at IS NULL
$$;

-- What may leave the school about each of these students without a consent, one row for each
-- category. A student with an alias has none, whether it counts today or later.
CREATE FUNCTION directory_of(children integer[])
RETURNS TABLE (student_id integer, category text) LANGUAGE sql STABLE AS $$
    SELECT c.id, a.category FROM unnest(children) c (id), directory_categories() a
    WHERE a.is_adopted
        AND NOT EXISTS (SELECT FROM opt_outs_of(children) o
            WHERE o.student_id = c.id AND o.category = a.category)
        AND NOT EXISTS (SELECT FROM masking m WHERE m.student_id = c.id AND m.ended_at IS NULL)
$$;

-- True if what leaves the school may name each of these students. True for no students.
CREATE FUNCTION may_be_named(children integer[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(children, '{}') <@ ARRAY(SELECT d.student_id FROM directory_of(children) d
        WHERE d.category = 'name')
$$;

-- A consent that covers all of these records for this purpose and this recipient today, or NULL (34
-- CFR 99.30). Whoever discloses a record asks this, and writes down the consent that it answers.
CREATE FUNCTION consent_for(child integer, of_records text[], what_for text, whom text)
RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT c.uuid FROM signed_consent c
    WHERE c.student_id = child AND of_records <> '{}' AND of_records <@ c.records
        AND name_words(c.purpose) = name_words(what_for)
        AND name_words(c.recipient) = name_words(whom) AND consent_counts(c)
    ORDER BY c.id LIMIT 1
$$;
