-- Administrators choose which categories hold the grade of a class, and line items are marked by
-- that choice.

-- Marks line items by the setting. An import calls it after it wrote, and an undo after it put rows
-- back, because the setting may have changed in between.
CREATE FUNCTION mark_grades() RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE line_item i SET is_grade = o.becomes
    FROM grades_otherwise((SELECT grade_categories FROM district)) o WHERE o.line_item_id = i.id
$$;

-- The only place that writes the titles, for an administrator or for the operator's command
-- (by_person NULL). The change is recorded, every administrator is notified, and it takes effect
-- right away. Returns 'kept', 'busy' or 'odd'. 'odd' means that a title is blank, too long or
-- repeated, or that there are too many.
CREATE FUNCTION write_grade_categories(becomes text[], by_person integer, by_capacity text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE was text[] := (SELECT grade_categories FROM district);
BEGIN
    IF becomes IS NULL OR cardinality(becomes) > 200
        OR EXISTS (SELECT FROM unnest(becomes) AS u (title)
            WHERE title IS NULL OR btrim(title) = '' OR length(title) > 200)
        OR (SELECT count(DISTINCT lower(title)) <> count(*) FROM unnest(becomes) AS u (title))
    THEN RETURN 'odd'; END IF;
    -- intake.importing.ONE_AT_A_TIME: a running import has read the old titles
    IF NOT pg_try_advisory_xact_lock(4117303) THEN RETURN 'busy'; END IF;
    UPDATE district SET grade_categories = becomes;
    PERFORM mark_grades();
    PERFORM ledger_setting('grade categories',
        jsonb_build_object('was', was, 'now', becomes)::text, by_person, by_capacity);
    PERFORM tell_administrators(NULL, 'setting changed');
    RETURN 'kept';
END $$;

-- `was` has the titles as the administrator saw them, in any order. Returns 'kept', 'same', 'odd',
-- 'busy' (an import runs), 'taken' (no longer as shown) or 'again' (needs a fresh sign-in). Returns
-- '' for anyone who is no administrator of the district.
CREATE FUNCTION set_grade_categories(was text[], becomes text[]) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE present text[];
BEGIN
    IF NOT i_decide_for(NULL) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    -- the second of two calls at the same moment reads what the first wrote
    SELECT grade_categories INTO present FROM district FOR UPDATE;
    IF NOT (present @> was AND was @> present) IS TRUE THEN RETURN 'taken'; END IF;
    IF (present @> becomes AND becomes @> present) IS TRUE THEN RETURN 'same'; END IF;
    RETURN write_grade_categories(becomes, asking(), 'administrator');
END $$;

-- For the jobs process, each hour: emails a teacher that scores of their classes, which families
-- could already see, were changed by a file: how many, and no names. Once a day, from five in the
-- morning by the district's clock. A changed grade of the class follows from its scores and doesn't
-- count. Returns how many teachers it was.
CREATE FUNCTION scores_changed_told() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE was district; last bigint; done integer;
BEGIN
    SELECT * INTO was FROM district FOR UPDATE;
    last := (SELECT max(c.id) FROM result_change c);
    IF coalesce(last, 0) <= was.scores_told OR coalesce(was.scores_told_on >= today(), false)
        OR extract(hour FROM now() AT TIME ZONE was.time_zone) < 5 THEN
        RETURN 0;
    END IF;
    UPDATE district SET scores_told = last, scores_told_on = today();
    WITH changed AS (
        SELECT DISTINCT r.id, l.section_id FROM result_change c
            JOIN result r ON r.id = c.result_id JOIN line_item l ON l.id = r.line_item_id
            JOIN delivery d ON d.id = r.delivery_id
        WHERE c.id > was.scores_told AND c.id <= last AND NOT l.is_grade
          AND d.ended_at > now() - interval '8 days'
          AND (c.old_score IS NOT NULL OR c.old_text_score IS NOT NULL)
          AND ROW(c.old_score, c.old_text_score, c.old_status)
              IS DISTINCT FROM ROW(r.score, r.text_score, r.status)
    ), of_teacher AS (
        SELECT a.id, count(DISTINCT c.id) AS counted FROM changed c
            JOIN enrollment e ON e.section_id = c.section_id AND e.role <> 'student'
                AND e.ended_at IS NULL
            JOIN account a ON a.person_id = e.person_id AND a.side = 'staff' AND a.is_active
        GROUP BY a.id
    )
    SELECT count(mail_account(t.id, 'scores changed', '', t.counted::integer)::text) INTO done
        FROM of_teacher t;
    RETURN done;
END $$;

GRANT EXECUTE ON FUNCTION set_grade_categories(text[], text[]) TO app;
GRANT EXECUTE ON FUNCTION mark_grades() TO intake;
GRANT EXECUTE ON FUNCTION scores_changed_told() TO jobs;
