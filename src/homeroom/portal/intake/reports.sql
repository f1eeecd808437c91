-- One sender of import reports at a time. jobs may take no advisory lock itself, since whoever may can hold those that imports and the
-- door's count wait for; here it takes this one. Held by its session until it says so, or ends.
CREATE FUNCTION begin_reports() RETURNS boolean LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_try_advisory_lock(4117304)
$$;

CREATE FUNCTION end_reports() RETURNS boolean LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_advisory_unlock(4117304)
$$;
GRANT EXECUTE ON FUNCTION begin_reports(), end_reports() TO jobs;
