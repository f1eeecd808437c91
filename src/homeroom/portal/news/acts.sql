-- Publishes news and takes it down.

-- Returns 'published', or '' if this person may not publish. 'odd': too long, too short, over
-- before today, or half in Spanish. 'named': it names a student of the district who may not be
-- named. The answer is the same if this person may not know the name. 'again': the last
-- confirmation of identity is too old.
CREATE FUNCTION publish_news(said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE of_school integer := (SELECT s.id FROM school s
    WHERE s.uuid::text = said->>'school' AND s.kind = 'school' AND s.ended_at IS NULL);
    heading text := btrim(coalesce(said->>'title', ''));
    body text := btrim(coalesce(said->>'words', ''), E' \n');
    heading_es text := btrim(coalesce(said->>'title_es', ''));
    body_es text := btrim(coalesce(said->>'words_es', ''), E' \n');
    through date := nullif(said->>'last_day', '')::date;
    of_students integer[];
BEGIN
    IF of_school IS NULL AND said->>'school' <> '' OR NOT may_publish(of_school) THEN
        RETURN '';
    END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF length(heading) NOT BETWEEN 1 AND 120 OR length(body) NOT BETWEEN 1 AND 5000
        OR length(heading_es) > 120 OR length(body_es) > 5000
        OR (heading_es = '') <> (body_es = '')
        OR coalesce(said->>'audience', '') <> ALL (ARRAY['families', 'staff', 'everyone'])
        OR through < today() THEN
        RETURN 'odd';
    END IF;
    -- Staff may read a student's name (34 CFR 99.31(a)(1)), and a news item for staff stays inside.
    of_students := CASE WHEN said->>'audience' <> 'staff' THEN students_named_in(
        concat_ws(' ', heading, body, heading_es, body_es)) ELSE '{}' END;
    IF NOT may_be_named(of_students) THEN RETURN 'named'; END IF;
    INSERT INTO news_item (uuid, school_id, audience, title, words, title_es, words_es, last_day,
        published_by_id, named)
        VALUES (gen_random_uuid(), of_school, said->>'audience', heading, body, heading_es, body_es,
            through, asking(), of_students);
    RETURN 'published';
END $$;

-- Returns 'taken down', 'taken' (already down), 'again' or ''.
CREATE FUNCTION take_down_news(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE n news_item; mine integer;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices())
        AND NOT EXISTS (SELECT FROM my_duties() d WHERE d.duty = 'principal') THEN
        RETURN '';
    END IF;
    -- Searched among the news of my schools and not by its UUID. The amount read would tell whether
    -- another school has it.
    mine := (SELECT max(q.id) FILTER (WHERE q.uuid = which) FROM news_item q
        WHERE q.school_id = ANY (ARRAY(SELECT s.id FROM school s WHERE may_publish(s.id))));
    IF mine IS NULL AND may_publish(NULL) THEN
        mine := (SELECT q.id FROM news_item q WHERE q.uuid = which);
    END IF;
    SELECT * INTO n FROM news_item q WHERE q.id = mine FOR UPDATE;
    IF n.id IS NULL THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF n.taken_down_at IS NOT NULL THEN RETURN 'taken'; END IF;
    UPDATE news_item SET taken_down_at = now(), taken_down_by_id = asking() WHERE id = n.id;
    RETURN 'taken down';
END $$;

-- Looks again whom news names that is shown. After a file, only for students that it changed. After
-- an upgrade, for everyone. A name that was found before stays.
CREATE FUNCTION name_news_again(of_delivery integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE came integer[] := CASE WHEN of_delivery IS NOT NULL
    THEN ARRAY(SELECT p.id FROM person p WHERE p.delivery_id = of_delivery) END;
BEGIN
    UPDATE news_item n SET named = ARRAY(SELECT DISTINCT unnest(n.named || f.found) ORDER BY 1)
        FROM (SELECT q.id, students_named_in(news_text(q), came) AS found FROM news_item q
            WHERE q.audience <> 'staff' AND q.taken_down_at IS NULL
                AND (q.last_day IS NULL OR q.last_day >= today())) f
        WHERE f.id = n.id AND NOT f.found <@ n.named;
END $$;

GRANT EXECUTE ON FUNCTION name_news_again(integer) TO intake;
GRANT EXECUTE ON FUNCTION publish_news(jsonb), take_down_news(uuid) TO app;
