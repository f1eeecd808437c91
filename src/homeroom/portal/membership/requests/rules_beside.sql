-- The record next to a request: the contact who fits the asker, or the student.

-- Each word once, in order, without empty ones.
CREATE FUNCTION distinct_words(words text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT ARRAY(SELECT min(w.word) FROM unnest(words) WITH ORDINALITY AS w (word, place)
        WHERE w.word <> '' GROUP BY lower(w.word) ORDER BY min(w.place))
$$;

-- The person of the record who fits the asker best, with all the details in the record. Whole name,
-- given name, verified email or typed phone can fit. A family name does not count, since another
-- adult of the child may have it too. Details that fit come first in their list. `contact` lets an
-- office say that this is the asker. It is NULL if several have the name, as a father and a son
-- may, or if none has it and several fit.
CREATE FUNCTION contact_beside(r registration, child integer) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('name', f.name, 'relation', relation_of_contact(f.c),
        'emails', f.emails, 'phones', f.phones,
        'contact', CASE WHEN 1 IN (f.named, f.fitting) THEN (f.c).uuid END)
    FROM (SELECT c, c.id, name_of_contact(c) AS name, bool_or(w.fits) AS fits,
              bool_or(w.is_name) AS is_name,
              sum(bool_or(w.fits)::integer) OVER () AS fitting,
              sum(bool_or(w.is_name)::integer) OVER () AS named,
              coalesce(bool_or(w.is_address), false) AS is_address,
              distinct_words(array_agg(w.email ORDER BY w.is_address DESC NULLS LAST, w.id))
                  AS emails,
              distinct_words(array_agg(w.phone ORDER BY w.is_phone DESC NULLS LAST, w.id))
                  AS phones
          FROM contacts_once(child) c, LATERAL (
              SELECT o.id, u.email, u.phone, lower(u.email) = mine.address AS is_address,
                  phone_end(u.phone) = phone_end(r.phone) AS is_phone,
                  name_words(name_of_contact(o)) = mine.name AS is_name,
                  name_words(name_of_contact(o)) = mine.name
                      OR coalesce(lower(u.email) = mine.address, false)
                      OR coalesce(phone_end(u.phone) = phone_end(r.phone), false)
                      OR mine.given =
                          ANY (regexp_split_to_array(name_words(name_of_contact(o)), ' ')) AS fits
              FROM rows_of_contact(c) o LEFT JOIN contact_detail d ON d.person_id = o.person_id,
                  LATERAL (SELECT coalesce(nullif(o.email, ''), d.email, '') AS email,
                      coalesce(nullif(o.phone, ''), d.phone, '') AS phone) u,
                  (SELECT name_words(p.given_name) AS given,
                      name_words(p.given_name || ' ' || p.family_name) AS name,
                      lower(address_of_family(p.id)) AS address
                   FROM person p WHERE p.id = r.person_id) mine
              WHERE o.ended_at IS NULL) w
          WHERE NOT is_kept_confidential(c) GROUP BY c.id, c) f
    WHERE f.fits ORDER BY f.is_name DESC, f.is_address DESC, f.id LIMIT 1
$$;

-- The record's details of the student, next to what was typed.
CREATE FUNCTION details_beside(child integer) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('name', '', 'relation', '', 'contact', NULL,
        'emails', distinct_words(ARRAY[d.email]), 'phones', distinct_words(ARRAY[d.phone]))
    FROM contact_detail d WHERE d.person_id = child
$$;
