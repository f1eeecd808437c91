-- How a restored database finds what a note names (replaying.py, as owner).

-- Whom a note names, here: by uuid, or, where a file made the person anew since, by the sourcedId.
-- NULL: nobody.
CREATE FUNCTION person_here(known jsonb) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT p.id FROM person p
    WHERE p.uuid = (known->>'uuid')::uuid OR p.sourced_id = known->>'sourced_id'
    ORDER BY p.uuid = (known->>'uuid')::uuid DESC LIMIT 1
$$;

CREATE FUNCTION tie_here(known jsonb) RETURNS tie LANGUAGE sql STABLE AS $$
    SELECT t.* FROM tie t WHERE t.uuid = (known#>>'{}')::uuid
$$;

CREATE FUNCTION account_here(known jsonb) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT a.id FROM account a WHERE a.uuid = (known->>'uuid')::uuid
$$;

-- For the administrators' list, by the name of the record: what is restored is shown to nobody
-- else.
CREATE FUNCTION name_here(known jsonb) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT trim(coalesce(nullif(p.preferred_given_name, ''), p.given_name) || ' '
            || coalesce(nullif(p.preferred_family_name, ''), p.family_name))
                     FROM person p WHERE p.id = person_here(known)),
                     trim(concat_ws(' ', known->>'given_name', known->>'family_name')))
$$;
