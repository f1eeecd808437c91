-- Identifies people and rows in a note for the vault, so that an older backup knows them too.

-- The person or row, identified as a backup from before the act identifies it.
CREATE FUNCTION known_person(who integer, is_named boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('uuid', p.uuid, 'sourced_id', p.sourced_id)
        || CASE WHEN is_named THEN jsonb_build_object('given_name', p.given_name, 'family_name',
                p.family_name) ELSE '{}' END
    FROM person p WHERE p.id = who
$$;

CREATE FUNCTION known_elsewhere(of_column text, id bigint, is_named boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN of_column IN ('tie_id', 'challenger_tie_id')
            THEN (SELECT to_jsonb(t.uuid) FROM tie t WHERE t.id = known_elsewhere.id)
        WHEN of_column = 'account_id'
            THEN (SELECT jsonb_build_object('uuid', a.uuid, 'person',
                    known_person(a.person_id, false)) FROM account a
                    WHERE a.id = known_elsewhere.id)
        WHEN of_column = 'school_id'
            THEN (SELECT jsonb_build_object('uuid', s.uuid, 'sourced_id', s.sourced_id)
                FROM school s WHERE s.id = known_elsewhere.id)
        WHEN of_column = 'registration_id'
            THEN (SELECT to_jsonb(r.uuid) FROM registration r WHERE r.id = known_elsewhere.id)
        WHEN of_column = 'entry_id'
            THEN (SELECT jsonb_build_object('id', l.id, 'salt', l.salt) FROM ledger l
                WHERE l.id = known_elsewhere.id)
        ELSE known_person(id::integer, is_named) END
$$;

-- Sign-ins from new browsers that the account has not read, other than the one that began this
-- session: how many, and the newest. NULL: none, or something else is unread, too.
CREATE FUNCTION new_sign_ins(of_account bigint, of_key bytea) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN bool_and(n.what = 'new device')
            THEN jsonb_build_object('how_many', count(*), 'newest', max(n.at)) END
        FROM account_notice n
        WHERE n.account_id = of_account AND n.shown_at IS NULL
          AND n.in_session IS DISTINCT FROM of_key
$$;

-- The keyed hash of an address, as the front writes it: 32 hex digits. NULL for anything else.
CREATE FUNCTION keyed_address(said text) RETURNS bytea
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE WHEN length(said) = 32 AND said ~ '^[0-9a-f]+$' THEN decode(said, 'hex') END
$$;

-- What an entry of the access log is as a security event.
CREATE FUNCTION event_kind(of_entry text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN of_entry IN ('sign-in changed', 'password set', 'factor given',
            'sign-in changes undone') THEN 'factor'
        WHEN of_entry IN ('setting', 'limits changed', 'nightly file', 'rollover announced',
            'rollover taken back', 'board''s address', 'yearly review') THEN 'setting'
        WHEN of_entry = 'look' THEN 'export'
        WHEN of_entry IN ('undo', 'import approve', 'import reject', 'import undo', 'import upload',
            'same person', 'new person', 'merge', 'merge undone') THEN 'file'
        WHEN of_entry IN ('code printed', 'code used', 'card printed', 'card ended',
            'letter printed', 'told on paper', 'contact told on paper') THEN 'code'
        WHEN of_entry IN ('account made', 'account opened', 'account closed',
            'student account opened', 'registered') THEN 'account'
        WHEN of_entry LIKE 'viewing%' THEN 'cap'
        WHEN of_entry LIKE 'support%' THEN 'support'
        WHEN of_entry LIKE 'restor%' THEN 'restore'
        ELSE 'access' END
$$;
