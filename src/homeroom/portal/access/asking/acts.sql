-- A request claims its proof and its view.

-- A lock until the transaction's end, for one person and one kind of act. Every login can read the
-- keys of locks that are held, so a key names one of sixteen groups of people, not a person. It is
-- negative, so that nobody takes it for a person's number.
CREATE FUNCTION hold(kind integer, who integer, is_shared boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF is_shared THEN
        PERFORM pg_advisory_xact_lock_shared(kind, -1 - who % 16);
    ELSE
        PERFORM pg_advisory_xact_lock(kind, -1 - who % 16);
    END IF;
END $$;

-- Local to the transaction, and claimed on every request, '' when anonymous: a value planted in a
-- pooled session answers nobody.
CREATE FUNCTION claim(proof bytea, look bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER AS $$
BEGIN
    -- A page's prepared statements are planned once a connection and not anew for each student:
    -- planning took a third of their time.
    PERFORM set_config('homeroom.proof', encode(proof, 'hex'), true),
        set_config('homeroom.look', coalesce(look::text, ''), true),
        set_config('plan_cache_mode', 'force_generic_plan', true);
END $$;
