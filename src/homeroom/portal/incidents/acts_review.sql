-- The last step of an incident: what went well, what didn't, and what changes.

-- Returns 'recorded'. 'odd': nothing is written, or the incident isn't in its review. Also ''.
CREATE FUNCTION review_incident(which uuid, said text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE mine integer := incident_to_change(which);
BEGIN
    IF mine IS NULL THEN RETURN ''; END IF;
    IF (incident_stage(mine) = 'review' AND length(trim(said)) BETWEEN 1 AND 4000) IS NOT true THEN
        RETURN 'odd';
    END IF;
    PERFORM write_fact(mine, asking(), 'reviewed', '', said);
    RETURN 'recorded';
END $$;

GRANT EXECUTE ON FUNCTION review_incident(uuid, text) TO app;
