-- What takes access away also closes what that person's views opened. Each table's room has the
-- trigger.

-- A tie, restriction, duty or office that changes takes back what its person's looks opened.
-- Written down and not deleted: a look that was running meanwhile, still uncommitted, could not be
-- found, and would have opened what had just ended.
CREATE FUNCTION close_openings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO closing (person_id, xid)
        SELECT DISTINCT p.person, pg_current_xact_id()::text::bigint
        FROM unnest(ARRAY[(to_jsonb(OLD)->>TG_ARGV[0])::integer,
                (to_jsonb(NEW)->>TG_ARGV[0])::integer]) AS p (person) WHERE p.person IS NOT NULL;
    RETURN NULL;
END $$;
