-- News for the person asking. The rows follow from schools_of_my_news(), and from nothing that a
-- request says.

-- The schools I may publish for. '' is the whole district and comes first.
CREATE FUNCTION schools_i_publish_for() RETURNS TABLE (uuid text, name text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    (SELECT '' AS uuid, '' AS name WHERE may_publish(NULL))
    UNION ALL (SELECT s.uuid::text, s.name FROM school s
        WHERE s.kind = 'school' AND s.ended_at IS NULL AND may_publish(s.id) ORDER BY s.name, s.id);
END $$;

-- News that is shown, was taken down or is over, of the schools I may publish for, newest first.
-- `is_hidden`: it names a student about whom the school may no longer publish anything.
CREATE FUNCTION news_published()
RETURNS TABLE (uuid uuid, title text, school text, audience text, published_at timestamptz,
    publisher text, last_day date, taken_down_at timestamptz, is_shown boolean,
    is_hidden boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT n.uuid, n.title, coalesce(s.name, ''), n.audience, n.published_at, full_name(p),
           n.last_day, n.taken_down_at,
           n.taken_down_at IS NULL AND (n.last_day IS NULL OR n.last_day >= today()),
           NOT may_be_named(n.named)
    FROM news_item n JOIN person p ON p.id = n.published_by_id
         LEFT JOIN school s ON s.id = n.school_id
    WHERE may_publish(n.school_id) ORDER BY n.id DESC LIMIT 200;
END $$;

-- News for the person asking: of their schools and for their audience, until its last day. It names
-- only students about whom the school may publish the name, so no view is needed.
CREATE FUNCTION news_shown(which uuid, most integer)
RETURNS TABLE (uuid uuid, title text, words text, title_es text, words_es text, school text,
    published_at timestamptz) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE audiences text[]; schools integer[];
BEGIN
    IF asking() IS NULL THEN RETURN; END IF;
    audiences := my_audiences();
    schools := schools_of_my_news();
    RETURN QUERY
    SELECT n.uuid, n.title, n.words, n.title_es, n.words_es, coalesce(s.name, ''), n.published_at
    FROM news_item n LEFT JOIN school s ON s.id = n.school_id
    WHERE (which IS NULL OR n.uuid = which) AND n.taken_down_at IS NULL
      AND (n.last_day IS NULL OR n.last_day >= today()) AND n.audience = ANY (audiences)
      AND may_be_named(n.named)  -- asked each time: a family may have opted out since
      AND CASE WHEN n.school_id IS NULL THEN schools <> '{}' ELSE n.school_id = ANY (schools) END
    ORDER BY n.published_at DESC, n.id DESC LIMIT greatest(most, 0);
END $$;

GRANT EXECUTE ON FUNCTION schools_i_publish_for(), news_published(),
    news_shown(uuid, integer) TO app;
