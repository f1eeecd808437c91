-- Narrowings on their way to the vault: the jobs process reads each here, seals it, and says so. No login reads the table.

-- Those that are in no file yet, the oldest first, 500 at most. Each is given the next number here and keeps it, whoever is killed meanwhile; a transaction that
-- committed late gets a later one.
CREATE FUNCTION notes_due() RETURNS TABLE (number bigint, uuid uuid, at timestamptz, kind text, said jsonb) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(4117310);  -- of two at once the second counts on from the first
    last := (SELECT coalesce(max(n.number), 0) FROM narrowing n);
    UPDATE narrowing n SET number = last + w.place
        FROM (SELECT u.id, row_number() OVER (ORDER BY u.id) AS place FROM narrowing u WHERE u.number IS NULL AND u.sealed_at IS NULL ORDER BY u.id LIMIT 500) w WHERE n.id = w.id;
    RETURN QUERY SELECT n.number, n.uuid, n.at, n.kind, n.said FROM narrowing n WHERE n.number IS NOT NULL AND n.sealed_at IS NULL ORDER BY n.number LIMIT 500;
END $$;

CREATE FUNCTION note_sealed(of_number bigint) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE narrowing SET sealed_at = now() WHERE number = of_number AND sealed_at IS NULL
$$;

-- A hundred days after it was handed over: no tier keeps a backup as old as that. The last one stays, since the next number follows it.
CREATE FUNCTION notes_swept() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH swept AS (DELETE FROM narrowing WHERE sealed_at < now() - interval '100 days' AND number < (SELECT max(n.number) FROM narrowing n) RETURNING 1)
    SELECT count(*) FROM swept
$$;
GRANT EXECUTE ON FUNCTION notes_due(), note_sealed(bigint), notes_swept() TO jobs;

-- ── Replaying (replaying.py), as owner on a restored database ──
-- Whom a note names, here: by uuid, or, where a file made the person anew since, by the sourcedId. NULL: nobody.
CREATE FUNCTION person_here(known jsonb) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id FROM person p WHERE p.uuid = (known->>'uuid')::uuid OR p.sourced_id = known->>'sourced_id' ORDER BY p.uuid = (known->>'uuid')::uuid DESC LIMIT 1
$$;

-- Somebody barred, or an administrator who barred, who came after the backup: made anew, with the name by which letters and requests are compared.
CREATE FUNCTION person_here_or_made(known jsonb) RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who integer := person_here(known);
BEGIN
    IF who IS NULL AND known ? 'given_name' THEN
        INSERT INTO person (uuid, sourced_id, given_name, family_name) VALUES ((known->>'uuid')::uuid, known->>'sourced_id', known->>'given_name', known->>'family_name') RETURNING id INTO who;
    END IF;
    RETURN who;
END $$;

CREATE FUNCTION tie_here(known jsonb) RETURNS tie LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT t.* FROM tie t WHERE t.uuid = (known#>>'{}')::uuid
$$;

CREATE FUNCTION account_here(known jsonb) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.id FROM account a WHERE a.uuid = (known->>'uuid')::uuid
$$;

-- For the administrators' list, by the name of the record: what is restored is shown to nobody else.
CREATE FUNCTION name_here(known jsonb) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT trim(coalesce(nullif(p.preferred_given_name, ''), p.given_name) || ' ' || coalesce(nullif(p.preferred_family_name, ''), p.family_name))
                     FROM person p WHERE p.id = person_here(known)), trim(concat_ws(' ', known->>'given_name', known->>'family_name')))
$$;
