-- What a school publishes. The rows that somebody reads follow from schools_of_my_news() and from nothing a request says.

-- Schools whose news I read: of the students whom an open tie shows me, a tutor's aside; my own as a student; those where I have a role, a
-- class, a duty or an office. And where the district lets families in *limited first*: the school that a request of mine names while it waits,
-- whatever child the request names and whether or not there is one.
CREATE FUNCTION schools_of_my_news() RETURNS integer[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE me integer := asking(); side text := asking_side(); students integer[];
BEGIN
    students := CASE side WHEN 'student' THEN ARRAY[me] WHEN 'family' THEN ARRAY(SELECT t.student_id FROM open_ties() t WHERE t.kind <> 'tutor') ELSE '{}' END;
    RETURN ARRAY(
        SELECT r.school_id FROM role r WHERE r.person_id = ANY (students) AND r.role = 'student' AND r.ended_at IS NULL
        UNION SELECT r.school_id FROM role r WHERE side = 'staff' AND r.person_id = me AND is_staff_role(r.role) AND r.ended_at IS NULL
        UNION SELECT c.school_id FROM section c WHERE c.id IN (SELECT sections_i_teach())
        UNION SELECT d.school_id FROM my_duties() d
        UNION SELECT s.id FROM school s WHERE i_decide_for(s.id)
        UNION SELECT q.school_id FROM registration q
              WHERE q.person_id = me AND side_of_request(q) = side AND registering_for(q) = 'limited first' AND q.state = 'waiting');
END $$;

CREATE FUNCTION my_audiences() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN CASE asking_side() WHEN 'staff' THEN ARRAY['staff', 'everyone'] WHEN 'family' THEN ARRAY['families', 'everyone']
                              WHEN 'student' THEN ARRAY['families', 'everyone'] ELSE '{}' END;
END $$;

-- A school's administrators and principal publish for it, the district's for all.
CREATE FUNCTION may_publish(of_school integer) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i_decide_for(of_school) OR EXISTS (SELECT FROM my_duties() d WHERE d.duty = 'principal' AND d.school_id = of_school)
$$;

-- Where I may publish: '' is the whole district, and then every school.
CREATE FUNCTION schools_i_publish_for() RETURNS TABLE (uuid text, name text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    (SELECT '' AS uuid, '' AS name WHERE may_publish(NULL))
    UNION ALL (SELECT s.uuid::text, s.name FROM school s WHERE s.kind = 'school' AND s.ended_at IS NULL AND may_publish(s.id) ORDER BY s.name, s.id)
$$;

-- 'published'; 'odd': too long, too short, over before today, or half in Spanish; 'again': the last proof of who it is has grown old; ''.
CREATE FUNCTION publish_news(said jsonb) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE of_school integer := (SELECT s.id FROM school s WHERE s.uuid::text = said->>'school' AND s.kind = 'school' AND s.ended_at IS NULL);
    heading text := btrim(said->>'title'); body text := btrim(said->>'words', E' \n'); heading_es text := btrim(said->>'title_es'); body_es text := btrim(said->>'words_es', E' \n');
    through date := nullif(said->>'last_day', '')::date;
BEGIN
    IF of_school IS NULL AND said->>'school' <> '' OR NOT may_publish(of_school) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF length(heading) NOT BETWEEN 1 AND 120 OR length(body) NOT BETWEEN 1 AND 5000 OR length(heading_es) > 120 OR length(body_es) > 5000
        OR (heading_es = '') <> (body_es = '') OR said->>'audience' <> ALL (ARRAY['families', 'staff', 'everyone']) OR through < today() THEN RETURN 'odd'; END IF;
    INSERT INTO news_item (uuid, school_id, audience, title, words, title_es, words_es, last_day, published_by_id)
        VALUES (gen_random_uuid(), of_school, said->>'audience', heading, body, heading_es, body_es, through, asking());
    RETURN 'published';
END $$;

-- 'taken down', 'taken' (it was already), 'again', ''.
CREATE FUNCTION take_down_news(which uuid) RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE n news_item;
BEGIN
    SELECT * INTO n FROM news_item q WHERE q.uuid = which FOR UPDATE;
    IF n.id IS NULL OR NOT may_publish(n.school_id) THEN RETURN ''; END IF;
    IF NOT is_fresh() THEN RETURN 'again'; END IF;
    IF n.taken_down_at IS NOT NULL THEN RETURN 'taken'; END IF;
    UPDATE news_item SET taken_down_at = now(), taken_down_by_id = asking() WHERE id = n.id;
    RETURN 'taken down';
END $$;

-- What stands and what was taken down or is over, where I may publish; the newest first.
CREATE FUNCTION news_published()
RETURNS TABLE (uuid uuid, title text, school text, audience text, published_at timestamptz, publisher text, last_day date, taken_down_at timestamptz, is_shown boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT n.uuid, n.title, coalesce(s.name, ''), n.audience, n.published_at, full_name(p), n.last_day, n.taken_down_at,
           n.taken_down_at IS NULL AND (n.last_day IS NULL OR n.last_day >= today())
    FROM news_item n JOIN person p ON p.id = n.published_by_id LEFT JOIN school s ON s.id = n.school_id
    WHERE may_publish(n.school_id) ORDER BY n.id DESC LIMIT 200
$$;
GRANT EXECUTE ON FUNCTION schools_i_publish_for(), publish_news(jsonb), take_down_news(uuid), news_published() TO app;
