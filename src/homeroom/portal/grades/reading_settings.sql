-- Reading functions for the page of grades under Settings, for administrators: counts of classes
-- and assignments.

CREATE FUNCTION grade_categories_shown(most integer)
RETURNS TABLE (title text, is_chosen boolean, line_items bigint, classes bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM categories_used(most);
END $$;

CREATE FUNCTION grade_categories_previewed(titles text[])
RETURNS TABLE (gain bigint, lose bigint, into_grades bigint, into_work bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM categories_effect(titles);
END $$;

CREATE FUNCTION classes_ungraded_shown() RETURNS TABLE (classes bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT * FROM classes_ungraded();
END $$;

GRANT EXECUTE ON FUNCTION grade_categories_shown(integer), grade_categories_previewed(text[]),
    classes_ungraded_shown() TO app;
