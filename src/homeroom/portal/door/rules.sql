-- Rules of the door about accounts and addresses.

-- True if a domain belongs to the students: more students than adults on file have addresses in it.
-- A parent's address there would be the child's, and a reader of the child's email could act as the
-- parent.
CREATE FUNCTION is_students_domain(named text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT count(*) FILTER (WHERE p.is_student) > count(*) FILTER (WHERE NOT p.is_student)
    FROM contact_detail d JOIN person p ON p.id = d.person_id
    WHERE lower(split_part(d.email, '@', 2)) = lower(split_part(named, '@', 2))
$$;

-- Emails of one kind, at most this many per hour. A day on which many ties end, or a person who
-- asks for many children, would otherwise leave no room for password resets.
CREATE FUNCTION mails_within(of_kind text, an_hour integer) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT m.id FROM account_mail m
    WHERE m.kind = of_kind AND m.handed_at IS NULL AND m.next_at <= now()
      AND m.made_at > now() - interval '1 day' ORDER BY m.id
    LIMIT greatest(0, an_hour - (SELECT count(*) FROM account_mail h
            WHERE h.kind = of_kind AND h.handed_at > now() - interval '1 hour'))
$$;

-- True if no session may begin without a second factor: because of the person's role, or because
-- the password is short. plpgsql, here and below: its plans stay in the session.
CREATE FUNCTION needs_factor(of_account bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT must_be_strong(a.person_id, a.side)
        OR EXISTS (SELECT FROM credential c WHERE c.account_id = a.id AND NOT c.is_long)
            FROM account a WHERE a.id = of_account);
END $$;

CREATE FUNCTION has_factor(of_account bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM passkey f WHERE f.account_id = of_account)
        OR EXISTS (SELECT FROM authenticator f WHERE f.account_id = of_account);
END $$;

-- True if a second factor is required with the password, or must be added first. Then the password
-- may be shorter.
CREATE FUNCTION has_second(of_account bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN has_factor(of_account) OR needs_factor(of_account);
END $$;

CREATE FUNCTION session_handle(of_key bytea) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT left(encode(sha256('handle '::bytea || of_key), 'hex'), 24)
$$;
