-- Students that intake leaves out of files.

-- For intake: the sourcedIds whose rows a file may still have.
CREATE FUNCTION erased_ids() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT unnest(e.sourced_ids) FROM erased_student e
$$;

GRANT EXECUTE ON FUNCTION erased_ids() TO intake;
