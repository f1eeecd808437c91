-- Claims the proof and the view of a request.

-- Locks one kind of act for one person until the end of the transaction. Every login can read the
-- keys of held locks, so a key names one of sixteen groups of people and not a person. It is
-- negative, so that no one mistakes it for a person's number.
CREATE FUNCTION hold(kind integer, who integer, is_shared boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF is_shared THEN
        PERFORM pg_advisory_xact_lock_shared(kind, -1 - who % 16);
    ELSE
        PERFORM pg_advisory_xact_lock(kind, -1 - who % 16);
    END IF;
END $$;

-- The claim is local to the transaction. Every request makes one, an anonymous request with ''. So
-- a value planted in a pooled session answers no one.
CREATE FUNCTION claim(proof bytea, look bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER AS $$
BEGIN
    -- Plans a page's prepared statements once per connection and not again for each student.
    -- Planning took a third of their time.
    PERFORM set_config('homeroom.proof', encode(proof, 'hex'), true),
        set_config('homeroom.look', coalesce(look::text, ''), true),
        set_config('plan_cache_mode', 'force_generic_plan', true);
END $$;
