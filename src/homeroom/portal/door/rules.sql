-- What the door knows about accounts and addresses.

-- Whether a domain is the students' own: more students have addresses in it than adults on file. A
-- parent's address in it would be her child's, and whoever reads the child's mail would be the
-- parent.
CREATE FUNCTION is_students_domain(named text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) FILTER (WHERE p.is_student) > count(*) FILTER (WHERE NOT p.is_student)
    FROM contact_detail d JOIN person p ON p.id = d.person_id
    WHERE lower(split_part(d.email, '@', 2)) = lower(split_part(named, '@', 2))
$$;

-- Mails of a kind, so many an hour: a day on which many ties end, or somebody who asks for many
-- children, would else leave no room for a password's.
CREATE FUNCTION mails_within(of_kind text, an_hour integer) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT m.id FROM account_mail m
    WHERE m.kind = of_kind AND m.handed_at IS NULL AND m.next_at <= now()
      AND m.made_at > now() - interval '1 day' ORDER BY m.id
    LIMIT greatest(0, an_hour - (SELECT count(*) FROM account_mail h
            WHERE h.kind = of_kind AND h.handed_at > now() - interval '1 hour'))
$$;
