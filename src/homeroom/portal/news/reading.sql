-- News for the person asking: of their schools and for their audience, until its last day. It is about no student, so no view is needed.
CREATE FUNCTION news_shown(which uuid, most integer)
RETURNS TABLE (uuid uuid, title text, words text, title_es text, words_es text, school text, published_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE audiences text[]; schools integer[];
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    audiences := my_audiences();
    schools := schools_of_my_news();
    RETURN QUERY
    SELECT n.uuid, n.title, n.words, n.title_es, n.words_es, coalesce(s.name, ''), n.published_at FROM news_item n LEFT JOIN school s ON s.id = n.school_id
    WHERE (which IS NULL OR n.uuid = which) AND n.taken_down_at IS NULL AND (n.last_day IS NULL OR n.last_day >= today()) AND n.audience = ANY (audiences)
      AND CASE WHEN n.school_id IS NULL THEN schools <> '{}' ELSE n.school_id = ANY (schools) END
    ORDER BY n.published_at DESC, n.id DESC LIMIT greatest(most, 0);
END $$;
GRANT EXECUTE ON FUNCTION news_shown(uuid, integer) TO app;
