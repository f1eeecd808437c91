-- What administrators decide about imports, and what a look at a change set opens.

-- Whether it was written. The database finds the person and the office; one open decision a delivery: of two at the same moment the
-- second waits for the first and answers false. app has no INSERT: a decision in another's name, or one already carried out, cannot be made.
CREATE FUNCTION write_decision(about integer, said text, words text, without_schools text[], without_tables text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking(); made integer;
BEGIN
    IF me IS NULL OR NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() THEN RETURN false; END IF;
    INSERT INTO decision (delivery_id, verdict, by_id, why, schools, tables)
        SELECT v.id, said, me, words, without_schools, without_tables FROM delivery v
        WHERE v.id = about AND CASE said WHEN 'undo' THEN v.state = 'imported' AND v.ended_at > now() - interval '30 days'
                                         ELSE v.state = 'held' END
        ON CONFLICT (delivery_id) WHERE done_at IS NULL DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN RETURN false; END IF;
    INSERT INTO ledger (at, event, capacity, person_id, delivery_id, xid)
        VALUES (clock_timestamp(), 'import ' || said, 'administrator', me, about, pg_current_xact_id()::text::bigint);
    RETURN true;
END $$;

-- With the names of those who decided: who is an administrator is shown to administrators alone.
CREATE FUNCTION decisions_of(about integer)
RETURNS TABLE (verdict text, decider text, at timestamptz, why text, schools text[], tables text[], done_at timestamptz, answer text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.verdict, full_name(p), d.at, d.why, d.schools, d.tables, d.done_at, d.answer
    FROM decision d JOIN person p ON p.id = d.by_id
    WHERE d.delivery_id = about AND EXISTS (SELECT FROM my_offices()) ORDER BY d.id DESC
$$;

-- For the jobs process: a change set goes when its delivery is 30 days past its end. How many people's changes went.
CREATE FUNCTION change_sets_swept() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH old AS (SELECT id FROM delivery WHERE ended_at < now() - interval '30 days'),
         details AS (DELETE FROM change_detail WHERE change_id IN (SELECT c.id FROM change c WHERE c.delivery_id IN (SELECT id FROM old))),
         counts AS (DELETE FROM change_count WHERE delivery_id IN (SELECT id FROM old)),
         swept AS (DELETE FROM change WHERE delivery_id IN (SELECT id FROM old) RETURNING 1)
    SELECT count(*) FROM swept
$$;
GRANT EXECUTE ON FUNCTION write_decision(integer, text, text, text[], text[]), decisions_of(integer) TO app;
GRANT EXECUTE ON FUNCTION change_sets_swept() TO jobs;
