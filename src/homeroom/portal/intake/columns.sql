-- Columns of its files that the district switched off: chosen by administrators, obeyed by imports.

-- Where a column's cells are kept: table, column, which of its rows a file filled. NULL for a column that cannot be switched off.
CREATE FUNCTION column_place(of_file text, of_name text) RETURNS text[] LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE of_file || ' ' || of_name
        WHEN 'users.csv middleName' THEN ARRAY['person', 'middle_name', 'sourced_id IS NOT NULL']
        WHEN 'users.csv email' THEN ARRAY['contact_detail', 'email', 'true']
        WHEN 'users.csv sms' THEN ARRAY['contact_detail', 'sms', 'true']
        WHEN 'users.csv phone' THEN ARRAY['contact_detail', 'phone', 'true']
        WHEN 'lineItems.csv description' THEN ARRAY['line_item', 'description', 'true']
        WHEN 'results.csv comment' THEN ARRAY['result', 'comment', 'true']
        WHEN 'contacts.csv Contact_relationship' THEN ARRAY['contact', 'relationship', 'kind <> ''agent''']
        WHEN 'contacts.csv Contact_phone_type' THEN ARRAY['contact', 'phone_kind', 'kind <> ''agent''']
        WHEN 'contacts.csv Contact_email' THEN ARRAY['contact', 'email', 'kind <> ''agent'''] END
$$;

-- changes: [{file, name, was, now}], true: it is read. All of them are kept, or none where one is no longer what the administrator was shown.
CREATE FUNCTION set_unread_columns(changes jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN false; END IF;
    IF NOT is_fresh() THEN RETURN false; END IF;
    LOCK TABLE unread_column IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM jsonb_to_recordset(changes) AS c (file text, name text, was boolean)
               WHERE column_place(c.file, c.name) IS NULL
                  OR c.was = EXISTS (SELECT FROM unread_column u WHERE u.file = c.file AND u.column_name = c.name))
    THEN RETURN false; END IF;
    DELETE FROM unread_column u USING jsonb_to_recordset(changes) AS c (file text, name text, now boolean)
        WHERE u.file = c.file AND u.column_name = c.name AND c.now;
    INSERT INTO unread_column (file, column_name)
        SELECT c.file, c.name FROM jsonb_to_recordset(changes) AS c (file text, name text, now boolean) WHERE NOT c.now;
    PERFORM ledger_setting('columns', changes::text, asking(), 'administrator');
    RETURN true;
END $$;

-- What is kept of a column that is switched off goes, before the next file is compared with it: a setting, and no change by a file, so
-- that no limit holds the file for it and no family reads it as news. Without images: an undo is not to bring back what nobody should have.
-- Once: files leave it empty from then on, and only an import taken back can have filled it again. A delta is to walk no table of millions.
CREATE FUNCTION empty_column(of_file text, of_name text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE place text[] := column_place(of_file, of_name); done bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM unread_column u WHERE u.file = of_file AND u.column_name = of_name
            AND (u.emptied_at IS NULL OR EXISTS (SELECT FROM delivery v WHERE v.state = 'undone' AND v.ended_at >= u.emptied_at)))
    THEN RETURN 0; END IF;
    PERFORM set_config('homeroom.delivery', 'setting', true);
    EXECUTE format('UPDATE %I SET %I = DEFAULT WHERE %I <> '''' AND %s', place[1], place[2], place[2], place[3]);
    GET DIAGNOSTICS done = ROW_COUNT;
    PERFORM set_config('homeroom.delivery', '', true);
    UPDATE unread_column u SET emptied_at = clock_timestamp() WHERE u.file = of_file AND u.column_name = of_name;
    RETURN done;
END $$;
GRANT EXECUTE ON FUNCTION set_unread_columns(jsonb) TO app;
GRANT EXECUTE ON FUNCTION empty_column(text, text) TO intake;
