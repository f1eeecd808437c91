-- Closes what a person's views opened when their access is taken away. Each table's room has the
-- trigger.

-- Closes what a person's views opened when their tie, restriction, duty or office changes. It adds
-- a row and deletes none: a view that is still running and uncommitted could not be found, and
-- would open what has just ended.
CREATE FUNCTION close_openings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO closing (person_id, xid)
        SELECT DISTINCT p.person, pg_current_xact_id()::text::bigint
        FROM unnest(ARRAY[(to_jsonb(OLD)->>TG_ARGV[0])::integer,
                (to_jsonb(NEW)->>TG_ARGV[0])::integer]) AS p (person) WHERE p.person IS NOT NULL;
    RETURN NULL;
END $$;
