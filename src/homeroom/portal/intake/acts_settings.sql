-- How the district wants its files to be read: columns that it switched off, and what passes.

-- changes: [{file, name, was, now}], true: it is read. All of them are kept, or none where one is
-- no longer what the administrator was shown.
CREATE FUNCTION set_unread_columns(changes jsonb) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() THEN RETURN false; END IF;
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

-- Held files are read again, since they may be held for what passes now. What they would change is
-- written anew then. A file that waits behind another keeps its turn.
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

-- was: what the administrator was shown. Nothing is kept where somebody else was first.
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

-- What is kept of a column that is switched off goes, before the next file is compared with it: a
-- setting, and no change by a file, so that no limit holds the file for it and no family reads it
-- as news. Without images: an undo is not to bring back what nobody should have. Once: files leave
-- it empty from then on, and only an import taken back can have filled it again. A delta is to walk
-- no table of millions.
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
