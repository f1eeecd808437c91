-- Contacts of a student: which rows are one person, and what the record says about that person. A
-- district's system sends several rows for one person: the agent of users.csv, a row of
-- contacts.csv, another row for a second phone.

-- Rows of one student with the same key are one person: the same person of users.csv, or the same
-- id in contacts.csv. A name, phone or address never makes them one. A father and a son may share
-- all three.
CREATE FUNCTION key_of_contact(c contact) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN c.person_id IS NOT NULL THEN 'person ' || c.person_id
        WHEN c.sis_id <> '' THEN 'id ' || c.sis_id ELSE 'row ' || c.id END
$$;

-- Every row of these students, including ended ones, with the number of its person, which is the
-- person's first row. Rows are one person by their key, or because a contact_join confirmed it: a
-- contact is an adult, or the same person as another contact.
CREATE FUNCTION people_of_contacts(students integer[])
RETURNS TABLE (contact integer, student integer, one integer) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE named AS MATERIALIZED (
        SELECT c.id, c.student_id AS child, key_of_contact(c) AS key FROM contact c
        WHERE c.student_id = ANY (students)),
    link AS (SELECT n.child, n.key AS one, coalesce(o.key, 'person ' || j.person_id) AS other
        FROM contact_join j JOIN named n ON n.id = j.contact_id LEFT JOIN named o
            ON o.id = j.other_id WHERE j.ended_at IS NULL),
    both_ways AS (SELECT l.* FROM link l UNION SELECT l.child, l.other, l.one FROM link l),
    reached AS (SELECT b.child, b.one, b.other FROM both_ways b
        UNION SELECT r.child, r.one, b.other FROM reached r
            JOIN both_ways b ON b.child = r.child AND b.one = r.other),
    joined AS (SELECT r.child, r.one AS key, least(r.one, min(r.other)) AS first
        FROM reached r GROUP BY r.child, r.one)
    SELECT n.id, n.child, min(n.id) OVER (PARTITION BY n.child, coalesce(j.first, n.key))
    FROM named n LEFT JOIN joined j ON j.child = n.child AND j.key = n.key;
END $$;

-- The rows of this contact's person, including ended ones.
CREATE FUNCTION rows_of_contact(c contact) RETURNS SETOF contact LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY WITH every AS (SELECT w.* FROM people_of_contacts(ARRAY[c.student_id]) w)
    SELECT o.* FROM every e JOIN every p ON p.one = e.one JOIN contact o ON o.id = p.contact
    WHERE e.contact = c.id ORDER BY o.id;
END $$;

-- The people of users.csv and the account owners that this contact is.
CREATE FUNCTION adults_of_contact(c contact) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
    SELECT o.person_id FROM rows_of_contact(c) o WHERE o.person_id IS NOT NULL
    UNION SELECT j.person_id FROM rows_of_contact(c) o JOIN contact_join j ON j.contact_id = o.id
        WHERE j.person_id IS NOT NULL AND j.ended_at IS NULL
$$;

-- Each person in the student's record once: the first of the rows that have not ended.
CREATE FUNCTION contacts_once(child integer) RETURNS SETOF contact LANGUAGE sql STABLE AS $$
    SELECT c.* FROM contact c WHERE c.id IN (
        SELECT min(o.id) FROM people_of_contacts(ARRAY[child]) w
            JOIN contact o ON o.id = w.contact AND o.ended_at IS NULL GROUP BY w.one)
$$;

CREATE FUNCTION is_called_parent(c contact) RETURNS boolean
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT lower(c.relationship) IN ('mother', 'father', 'parent', 'guardian', 'stepmother',
        'stepfather', 'parent/guardian')
$$;

-- The person's relations in the record, each once. "parent" is left out next to "mother", and
-- "relative" next to any other.
CREATE FUNCTION relation_of_contact(c contact) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(w.said, ', ' ORDER BY w.id), '')
    FROM (SELECT DISTINCT ON (u.plain) o.id, o.relationship AS said, u.plain, u.is_vague,
              bool_or(is_called_parent(o) AND NOT u.is_vague) OVER () AS has_exact,
              bool_or(u.plain <> 'relative') OVER () AS has_more
          FROM rows_of_contact(c) o,
              LATERAL (SELECT lower(o.relationship) AS plain,
                  lower(o.relationship) IN ('parent', 'parent/guardian') AS is_vague) u
          WHERE o.ended_at IS NULL AND u.plain <> '' ORDER BY u.plain, o.id) w
    WHERE NOT (w.is_vague AND w.has_exact OR w.plain = 'relative' AND w.has_more)
$$;

-- The student's contacts that are this adult, each person once.
CREATE FUNCTION contacts_of_adult(adult integer, child integer) RETURNS SETOF contact
LANGUAGE sql STABLE AS $$
    SELECT c.* FROM contacts_once(child) c WHERE adult IN (SELECT adults_of_contact(c))
$$;

-- Other adults of the child who are the same person as this adult, because one contact is both.
CREATE FUNCTION adults_one_with(adult integer, child integer) RETURNS SETOF integer
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT a FROM contact c, adults_of_contact(c) a
    WHERE c.student_id = child AND a <> adult AND adult IN (SELECT adults_of_contact(c))
$$;

-- True if it was confirmed that this contact is not this adult. An administrator separated them, or
-- another adult is the contact. Then an address that both use proves nothing.
CREATE FUNCTION is_somebody_else(c contact, adult integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT adult NOT IN (SELECT adults_of_contact(c)) AND EXISTS (
        SELECT FROM rows_of_contact(c) o
            LEFT JOIN contact_join j ON j.contact_id = o.id
                AND (j.ended_at IS NULL OR j.person_id = adult)
            LEFT JOIN tie t ON t.adult_id = o.person_id AND t.student_id = o.student_id
                AND t.state <> 'ended' AND t.kind <> 'tutor'
        WHERE j.person_id IS NOT NULL OR t.id IS NOT NULL)
$$;

-- True if the district's own record of the child has this adult, as a contact or by the adult's
-- verified email.
CREATE FUNCTION is_on_record(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT contacts_of_adult(adult, child))
        OR EXISTS (SELECT FROM contact c LEFT JOIN contact_detail d ON d.person_id = c.person_id
                   WHERE c.student_id = child AND c.ended_at IS NULL
                     AND NOT is_somebody_else(c, adult)
                     AND (c.email <> ''
                         AND lower(c.email) = lower(address_of_family(adult))
                          AND is_settled(c.delivery_id)
                          OR c.email = '' AND lower(d.email) = lower(address_of_family(adult))
                          AND is_settled(d.delivery_id)))
$$;

-- True if the family's challenge keeps this adult from the child, whichever request or tie it
-- named. It does while it is open, and for a year after it ended a tie or a request. In that year
-- an administrator may still decide if the record has the adult.
CREATE FUNCTION is_disputed(adult integer, child integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM challenge_case c WHERE c.adult_id = adult AND c.student_id = child
        AND (c.decided_at IS NULL OR c.outcome = 'ended'
            AND c.decided_at > now() - interval '1 year'
             AND NOT (is_on_record(adult, child) AND EXISTS (SELECT FROM my_offices()))))
$$;

-- The name in the record, which letters use.
CREATE FUNCTION name_of_contact(c contact) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(c.name, ''),
        (SELECT full_name(p, true) FROM person p WHERE p.id = c.person_id), '')
$$;

CREATE FUNCTION address_of_contact(c contact) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT lower(coalesce(nullif(c.email, ''),
            (SELECT d.email FROM contact_detail d WHERE d.person_id = c.person_id), ''))
$$;

-- The last ten digits, by which phones are compared, however they are written. NULL if there are
-- fewer.
CREATE FUNCTION phone_end(typed text) RETURNS text LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT digits FROM right(regexp_replace(typed, '\D', '', 'g'), 10) digits
    WHERE length(digits) = 10
$$;

-- True if the contact has the verified email of this adult, or the phone of an approved request of
-- theirs.
CREATE FUNCTION is_reached_like(c contact, adult integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM rows_of_contact(c) o
            LEFT JOIN contact_detail d ON d.person_id = o.person_id
        WHERE o.ended_at IS NULL
          AND (address_of_contact(o) = lower(address_of_family(adult))
              OR EXISTS (SELECT FROM registration r
                  WHERE r.person_id = adult AND r.student_id = o.student_id
                    AND r.state = 'approved'
                    AND phone_end(r.phone) IN (phone_end(o.phone), phone_end(d.phone)))))
$$;

-- Returns who else of the child's may be the same person as this contact. Only an administrator can
-- decide that. 'contact': another contact with the same name, and the same phone or address.
-- 'adult': an adult with access who has the name, or who has the address or phone and is no contact
-- yet. '': no one.
CREATE FUNCTION lookalike_of_contact(c contact) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM rows_of_contact(c) r JOIN contact o
            ON o.student_id = r.student_id AND o.ended_at IS NULL
        WHERE r.ended_at IS NULL AND o.id NOT IN (SELECT s.id FROM rows_of_contact(c) s)
          AND name_words(name_of_contact(o)) = name_words(name_of_contact(r))
          AND (address_of_contact(o) <> '' AND address_of_contact(o) = address_of_contact(r)
              OR phone_end(o.phone) = phone_end(r.phone))) THEN 'contact'
        WHEN EXISTS (SELECT FROM tie t JOIN person p ON p.id = t.adult_id
            WHERE t.student_id = c.student_id AND t.state <> 'ended' AND t.kind <> 'tutor'
              AND (name_words(p.given_name || ' ' || p.family_name)
                      = name_words(name_of_contact(c))
                  OR is_reached_like(c, t.adult_id)  -- first, because the next costs more
                      AND NOT EXISTS (SELECT contacts_of_adult(t.adult_id, t.student_id)))
              AND t.adult_id NOT IN (SELECT adults_of_contact(c))) THEN 'adult' ELSE '' END
$$;

-- True if a row is one of the person's, or has the name of one.
CREATE FUNCTION is_same_contact(one contact, other contact) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM rows_of_contact(other) r WHERE r.id = one.id
        OR name_words(name_of_contact(one)) = name_words(name_of_contact(r))
        AND name_of_contact(one) <> '')
$$;

-- True if a contact is confidential: it is marked, or another row of the same person is (as after a
-- new phone in a file), or one with the same name. If in doubt, it is.
CREATE FUNCTION is_kept_confidential(c contact) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT c.is_confidential
        OR EXISTS (SELECT FROM contact o
            WHERE o.student_id = c.student_id AND o.is_confidential AND is_same_contact(o, c))
$$;

-- True if the record keeps this adult confidential, for example in a shelter. The family never sees
-- the adult's name, not even while the adult's request waits.
CREATE FUNCTION is_kept_secret(adult integer, child integer) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM contact c JOIN person p ON p.id = adult
        LEFT JOIN person w ON w.id = c.person_id
        LEFT JOIN contact_detail d ON d.person_id = c.person_id
                   WHERE c.student_id = child AND c.ended_at IS NULL AND is_kept_confidential(c)
                     AND (adult IN (SELECT adults_of_contact(c))
                         OR lower(coalesce(nullif(c.email, ''),
                                 d.email)) = lower(address_of_family(adult))
                          OR name_words(p.given_name) =
                              ANY (regexp_split_to_array(name_words(coalesce(nullif(c.name, ''),
                                      w.given_name || ' ' || w.family_name)), ' '))))
$$;

-- NULL if there isn't one, or if another contact of the child has the same one. Two parents may
-- share an address.
CREATE FUNCTION own_address_of_contact(c contact) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif(address_of_contact(c), '') WHERE NOT EXISTS (SELECT FROM contact o
        WHERE o.student_id = c.student_id AND o.ended_at IS NULL
          AND address_of_contact(o) = address_of_contact(c)
          AND o.id NOT IN (SELECT r.id FROM rows_of_contact(c) r))
$$;

-- Returns why a contact can't be joined with an adult or another contact. NULL: nothing prevents
-- it. 'barred': one of them is restricted from the child and the other is not. 'tied': two of them
-- have access, so they are different people or one person with two accounts. 'challenged': the
-- family says that one of them should not have access, and a join would put that adult on record.
CREATE FUNCTION odd_with_join(c contact, with_contact integer, with_adult integer) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE adults integer[] := ARRAY(SELECT adults_of_contact(c)
        UNION SELECT adults_of_contact(o) FROM contact o WHERE o.id = with_contact
        UNION SELECT with_adult WHERE with_adult IS NOT NULL);
BEGIN
    RETURN CASE
        WHEN (SELECT count(DISTINCT x.person_id) FROM restriction x
            WHERE x.person_id = ANY (adults) AND x.student_id = c.student_id
              AND (x.end_date IS NULL OR x.end_date > today()))
            NOT IN (0, cardinality(adults)) THEN 'barred'
        WHEN (SELECT count(DISTINCT a) FROM unnest(adults) a
            WHERE a = with_adult OR EXISTS (SELECT FROM tie t WHERE t.adult_id = a
                AND t.student_id = c.student_id AND t.state <> 'ended')) > 1 THEN 'tied'
        WHEN EXISTS (SELECT FROM challenge_case k
            WHERE k.adult_id = ANY (adults) AND k.student_id = c.student_id
              AND (k.decided_at IS NULL OR k.outcome = 'ended'
                  AND k.decided_at > now() - interval '1 year')) THEN 'challenged' END;
END $$;
