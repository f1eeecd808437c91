-- Administrators say which categories hold the grade of a class, and line items are marked by that.

-- Marks line items as the setting says. An import calls it after it wrote, and an undo after it put
-- rows back, since the setting may have changed in between.
CREATE FUNCTION mark_grades() RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE line_item i SET is_grade = o.becomes
    FROM grades_otherwise((SELECT grade_categories FROM district)) o WHERE o.line_item_id = i.id
$$;

-- The one place where the titles are written, by an administrator or by the operator's command
-- (by_person NULL). Written down, told to every administrator, and in effect right away. 'odd': a
-- title is blank, too long or there twice, or there are too many.
CREATE FUNCTION write_grade_categories(becomes text[], by_person integer, by_capacity text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE was text[] := (SELECT grade_categories FROM district);
BEGIN
    IF becomes IS NULL OR cardinality(becomes) > 200
        OR EXISTS (SELECT FROM unnest(becomes) AS u (title)
            WHERE title IS NULL OR btrim(title) = '' OR length(title) > 200)
        OR (SELECT count(DISTINCT lower(title)) <> count(*) FROM unnest(becomes) AS u (title))
    THEN RETURN 'odd'; END IF;
    -- intake.importing.ONE_AT_A_TIME: an import under way has read the old titles
    IF NOT pg_try_advisory_xact_lock(4117303) THEN RETURN 'busy'; END IF;
    UPDATE district SET grade_categories = becomes;
    PERFORM mark_grades();
    PERFORM ledger_setting('grade categories',
        jsonb_build_object('was', was, 'now', becomes)::text, by_person, by_capacity);
    PERFORM tell_administrators(NULL, 'setting changed');
    RETURN 'kept';
END $$;

-- was: as the administrator was shown them, in any order. 'kept'; 'same'; 'taken': they are no
-- longer as shown; 'odd'; 'busy': an import runs; 'again'; '' for whoever is no administrator of
-- the district.
CREATE FUNCTION set_grade_categories(was text[], becomes text[]) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE present text[];
BEGIN
    IF NOT i_decide_for(NULL) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    -- of two at the same moment the second reads what the first wrote
    SELECT grade_categories INTO present FROM district FOR UPDATE;
    IF NOT (present @> was AND was @> present) IS TRUE THEN RETURN 'taken'; END IF;
    IF (present @> becomes AND becomes @> present) IS TRUE THEN RETURN 'same'; END IF;
    RETURN write_grade_categories(becomes, asking(), 'administrator');
END $$;

GRANT EXECUTE ON FUNCTION set_grade_categories(text[], text[]) TO app;
GRANT EXECUTE ON FUNCTION mark_grades() TO intake;
