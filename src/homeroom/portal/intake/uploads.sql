-- A sealed file that an administrator sends by the browser: who may, and who did. The file itself never meets the web process.

-- An administrator's leave to send one file. NULL for anybody else, and for who had 20 in the last hour: sealed rubbish is kept for
-- days, and a stolen session must not fill the disk in a night. The database finds the person; app has no grant on the table.
CREATE FUNCTION begin_upload() RETURNS uuid LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking(); made uuid;
BEGIN
    IF me IS NULL OR NOT EXISTS (SELECT FROM my_offices()) THEN RETURN NULL; END IF;
    IF NOT is_fresh() THEN RETURN NULL; END IF;
    PERFORM hold(4117304, me);  -- or many at once would each count the others out
    IF (SELECT count(*) FROM upload WHERE by_id = me AND at > now() - interval '1 hour') >= 20 THEN RETURN NULL; END IF;
    INSERT INTO upload (by_id) VALUES (me) RETURNING id INTO made;
    RETURN made;
END $$;

-- Whether this delivery came by an administrator's leave; asked again after a kill it answers the same. A leave is good for one delivery that came
-- within three hours: inbox and intake cannot make a person who sent a file, nor give one person's leave to a second file.
CREATE FUNCTION claim_upload(about integer, leave uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE who integer;
BEGIN
    IF EXISTS (SELECT FROM upload WHERE delivery_id = about) THEN RETURN true; END IF;
    UPDATE upload u SET delivery_id = about FROM delivery v
        WHERE u.id = leave AND u.delivery_id IS NULL AND v.id = about AND v.received_at BETWEEN u.at - interval '1 minute' AND u.at + interval '3 hours'
        RETURNING u.by_id INTO who;
    IF who IS NULL THEN RETURN false; END IF;
    INSERT INTO ledger (at, event, capacity, person_id, delivery_id, xid)
        VALUES (clock_timestamp(), 'import upload', 'administrator', who, about, pg_current_xact_id()::text::bigint);
    RETURN true;
END $$;

-- Who is an administrator is shown to administrators alone.
CREATE FUNCTION uploader_of(about integer) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT full_name(p) FROM upload u JOIN person p ON p.id = u.by_id
    WHERE u.delivery_id = about AND EXISTS (SELECT FROM my_offices())
$$;

-- For the jobs process: leaves by which nothing came. Kept for a month, since a portal may be off for a while with a file in its inbox.
CREATE FUNCTION uploads_swept() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH swept AS (DELETE FROM upload WHERE delivery_id IS NULL AND at < now() - interval '30 days' RETURNING 1) SELECT count(*) FROM swept
$$;
GRANT EXECUTE ON FUNCTION begin_upload(), uploader_of(integer) TO app;
GRANT EXECUTE ON FUNCTION claim_upload(integer, uuid) TO intake;
GRANT EXECUTE ON FUNCTION uploads_swept() TO jobs;
