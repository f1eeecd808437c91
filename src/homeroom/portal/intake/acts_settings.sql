-- How the district wants its files read: columns that it turned off, and tolerances.

-- `changes` is [{file, name, was, now}]. true means that the column is read. Keeps all of them, or
-- none if one is no longer what the administrator saw.
CREATE FUNCTION set_unread_columns(changes jsonb) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() OR changes IS NULL THEN RETURN false; END IF;
    LOCK TABLE unread_column IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM jsonb_to_recordset(changes) AS c (file text, name text, was boolean)
               WHERE column_place(c.file, c.name) IS NULL
                  OR (c.file, c.name) IN (SELECT p.file, p.column_name FROM preferred_columns() p)
                  OR c.was = EXISTS (SELECT FROM unread_column u
                      WHERE u.file = c.file AND u.column_name = c.name))
    THEN RETURN false; END IF;
    DELETE FROM unread_column u USING jsonb_to_recordset(changes) AS c (file text, name text)
        WHERE u.file = c.file AND u.column_name = c.name;
    INSERT INTO unread_column (file, column_name)
        SELECT c.file, c.name FROM jsonb_to_recordset(changes) AS c (file text, name text,
            now boolean) WHERE NOT c.now;
    PERFORM ledger_setting('columns', changes::text, asking(), 'administrator');
    RETURN true;
END $$;

-- Marks files on hold to be read again, because what put them on hold may be accepted now. Their
-- change sets are then written anew. A file that waits behind another one keeps its turn.
CREATE FUNCTION read_again() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE held integer[] := ARRAY(SELECT v.id FROM delivery v
    WHERE v.state = 'held' AND v.reason <> 'waits-behind'
        AND NOT EXISTS (SELECT FROM decision d WHERE d.delivery_id = v.id AND d.done_at IS NULL));
BEGIN
    UPDATE delivery SET reason = 'read-again', numbers = '{}', reasons = '[["read-again", {}]]'
        WHERE id = ANY (held);
    DELETE FROM change_detail WHERE change_id IN (SELECT c.id FROM change c
        WHERE c.delivery_id = ANY (held));
    DELETE FROM change WHERE delivery_id = ANY (held);
    DELETE FROM change_count WHERE delivery_id = ANY (held);
END $$;

-- `was` is what the administrator saw. If someone else was first, nothing is kept.
CREATE FUNCTION set_tolerances(was text[], becomes text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() THEN RETURN false; END IF;
    IF (becomes <@ ARRAY['date-times', 'slash-dates', 'month-first', 'day-first', 'letter-scores',
        'blank-due-dates', 'no-manifest']) IS NOT true THEN RETURN false; END IF;
    UPDATE district SET tolerances = becomes WHERE tolerances <@ was AND tolerances @> was;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM read_again();
    PERFORM ledger_setting('tolerances', jsonb_build_object('was', was, 'now', becomes)::text,
        asking(), 'administrator');
    RETURN true;
END $$;

-- Deletes the stored values of a column that is turned off, before the next file is compared with
-- them. Because it is not a file's change, no limit puts the file on hold and no family sees it as
-- news. Writes no images, because an undo must not restore these values. Runs once, since files
-- leave the column empty from then on and a delta must not read a table of millions of rows. Only
-- an undo can fill the column again, and then this runs again.
CREATE FUNCTION empty_column(of_file text, of_name text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE place text[] := column_place(of_file, of_name); done bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM unread_column u WHERE u.file = of_file AND u.column_name = of_name
            AND (u.emptied_at IS NULL
                OR EXISTS (SELECT FROM delivery v
                    WHERE v.state = 'undone' AND v.ended_at >= u.emptied_at)))
    THEN RETURN 0; END IF;
    PERFORM set_config('homeroom.delivery', 'setting', true);
    EXECUTE format('UPDATE %I SET %I = DEFAULT WHERE %I <> '''' AND %s', place[1], place[2],
        place[2], place[3]);
    GET DIAGNOSTICS done = ROW_COUNT;
    PERFORM set_config('homeroom.delivery', '', true);
    UPDATE unread_column u SET emptied_at = clock_timestamp()
        WHERE u.file = of_file AND u.column_name = of_name;
    RETURN done;
END $$;

GRANT EXECUTE ON FUNCTION empty_column(text, text) TO intake;
GRANT EXECUTE ON FUNCTION set_unread_columns(jsonb), set_tolerances(text[], text[]) TO app;
