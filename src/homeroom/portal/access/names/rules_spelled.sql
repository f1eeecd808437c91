-- Whether a text names a person, however the name is spelled. This is for texts that leave the
-- school. A search is name_words().

-- Returns the words of a text for comparison, with one space between them: no accents, invisible
-- characters, punctuation or possessive, and small Latin letters for what looks like them (UTS 39).
-- 1 is what can be read as i or as l. rn looks like m. A name is given in lower case, so that its
-- own i and l are certain.
CREATE FUNCTION spelled(typed text) RETURNS text LANGUAGE plpgsql IMMUTABLE SECURITY INVOKER AS $$
DECLARE found text := typed;
BEGIN
    IF found ~ '[^ -~]' THEN
        IF found ~ '^[ -~À-ɏ]*$' THEN  -- most names, and ten times as fast
            found := regexp_replace(normalize(found, NFKD), '[\u0300-\u036f]', '', 'g');
        END IF;
        IF found ~ '[^ -~]' THEN found := public.look_alikes_replaced(found); END IF;
    END IF;
    IF found ~ '[''`]' THEN
        found := regexp_replace(found, '[''`]([sS](?![[:alpha:]]))?', '', 'g');
    END IF;
    IF found ~ '[A-Z]' THEN  -- an l among capitals is an I
        found := regexp_replace(found, '(?<=[A-Z])l(?=[A-Z])|\ml(?=[A-Z])|(?<=[A-Z]{2})l\M', '1',
            'g');
    END IF;
    RETURN btrim(regexp_replace(replace(lower(translate(found, 'I0', '1o')), 'rn', 'm'),
        '[^[:alnum:]]+', ' ', 'g'));
END $$;

-- Returns the words that name someone. Initials and words such as "de" are left out if there are
-- others.
CREATE FUNCTION telling_words(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT coalesce(nullif(ARRAY(SELECT w FROM unnest(a.words) w WHERE length(w) > 1
            AND w <> ALL ('{de,del,la,las,los,da,das,do,dos,di,du,van,von,der,den,bin,ibn,al,el,'
                'san,santa,st,jr,sr,ii,iii,iv}'::text[])), '{}'), a.words)
    FROM (SELECT array_remove(string_to_array(public.spelled(lower(name)), ' '), '') AS words) a
$$;

-- Returns the words of a text with their places, as spelled() and as a look-alike of it with l for
-- i. The second line is for scripts in which a capital looks like another letter.
CREATE FUNCTION spelled_words(typed text)
RETURNS TABLE (line integer, place bigint, word text, alike text)
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT r.line, t.place, t.word, translate(t.word, 'i1', 'll')
    FROM (VALUES (1, public.spelled(typed)),
            (2, public.spelled(replace(lower(typed), '|', '1')))) r (line, words),
        string_to_table(r.words, ' ') WITH ORDINALITY t (word, place)
$$;

-- Returns the students whom a text names: those of the district and former ones, or those of
-- `among`. A name is a word of the first name and one of the last name, also preferred ones and the
-- alias, in one of three ways. The last name follows, with at most two words between that are no
-- everyday words (a middle name). It comes first, with no more between than other words of the
-- name, initials and suffixes. Or both are one word. Joins are no nested loops, which would compare
-- each word of a long list of names with each other one.
CREATE FUNCTION students_named_in(typed text, among integer[] DEFAULT NULL) RETURNS integer[]
LANGUAGE plpgsql STABLE SET enable_nestloop = off AS $$
DECLARE everyday CONSTANT text[] := '{and,or,with,for,to,from,of,in,on,at,by,the,this,that,these,'
    'those,is,are,was,were,be,been,has,have,had,would,can,could,not,no,as,an,but,who,which,when,if,'
    'then,than,so,its,his,her,their,our,your,my,we,he,she,they,it,you,mr,mrs,ms,miss,mx,dr,prof,'
    'coach,principal,con,para,por,en,un,una,su,sus,que,se,es,son,fue,sr,sra,srta,don}';
    suffixes CONSTANT text[] := '{de,del,la,las,los,da,jr,sr,ii,iii,iv}';
    found integer[];
BEGIN
    -- First the few with two words of a name near each other. Only they are compared exactly.
    found := ARRAY(WITH name AS MATERIALIZED (SELECT s.id,
                CASE WHEN s.name ~ '^[A-Za-z -]*$'  -- what spelled() does with it, and faster
                THEN replace(translate(lower(s.name), 'i-', 'l '), 'rn', 'm')
                ELSE translate(spelled(lower(s.name)), 'i1', 'll') END AS words
            FROM (SELECT p.id, p.given_name || ' ' || p.family_name || ' '
                    || p.preferred_given_name || ' ' || p.preferred_family_name AS name
                FROM person p WHERE p.is_student OR EXISTS (SELECT FROM role r
                    WHERE r.person_id = p.id AND r.role = 'student')
                UNION ALL SELECT m.student_id, m.given_name || ' ' || m.family_name
                FROM masking m WHERE m.ended_at IS NULL) s
            WHERE among IS NULL OR s.id = ANY (among))
        SELECT DISTINCT h.id FROM (
            SELECT n.id, t.alike = replace(n.words, ' ', '') AS is_one, t.place - lag(t.place)
                OVER (PARTITION BY n.id, n.words, t.line ORDER BY t.place) AS away
            FROM name n, string_to_table(n.words || ' ' || replace(n.words, ' ', ''), ' ') w
                JOIN spelled_words(typed) t ON t.alike = w) h
        WHERE h.away < 4 OR h.is_one);
    IF found = '{}' THEN RETURN found; END IF;
    RETURN ARRAY(WITH token AS MATERIALIZED (SELECT * FROM spelled_words(typed)),
        line AS MATERIALIZED (SELECT t.line, array_agg(translate(t.word, '1', 'i') ORDER BY t.place)
                AS words
            FROM token t GROUP BY 1),
        name AS MATERIALIZED (SELECT row_number() OVER () AS nr, s.id, telling_words(s.given)
                AS given, telling_words(s.family) AS family,
                string_to_array(spelled(lower(s.given || ' ' || s.family)), ' ') AS own,
                replace(spelled(lower(s.one)), ' ', '') AS one
            FROM (SELECT p.id, p.given_name || ' ' || p.preferred_given_name AS given,
                    p.family_name || ' ' || p.preferred_family_name AS family,
                    p.given_name || p.family_name AS one
                FROM person p WHERE p.id = ANY (found)
                UNION ALL SELECT m.student_id, m.given_name, m.family_name,
                    m.given_name || m.family_name
                FROM masking m WHERE m.student_id = ANY (found) AND m.ended_at IS NULL) s),
        part AS (SELECT n.nr, w AS word, 'given' AS kind FROM name n, unnest(n.given) w
            UNION ALL SELECT n.nr, w, 'family' FROM name n,
                unnest(CASE n.family WHEN '{}' THEN n.given ELSE n.family END) w
            UNION ALL SELECT n.nr, n.one, 'one' FROM name n
            WHERE cardinality(n.given || n.family) = 1
                OR (SELECT min(length(w)) FROM unnest(n.own) w) > 2),
        hit AS MATERIALIZED (SELECT p.nr, p.kind, t.line, t.place
            FROM part p JOIN token t ON t.alike = translate(p.word, 'i1', 'll')
                AND (t.word = p.word OR t.word ~ ('^' || replace(replace(p.word, 'i', '[i1]'), 'l',
                    '[l1]') || '$'))),
        pair AS MATERIALIZED (SELECT g.nr, g.line, g.place AS of_given, f.place AS of_family
            FROM hit g, generate_series(-3, 3) away CROSS JOIN hit f
            WHERE g.kind = 'given' AND f.kind = 'family' AND f.nr = g.nr AND f.line = g.line
                AND f.place = g.place + away AND away <> 0)
        SELECT n.id FROM hit h JOIN name n USING (nr) WHERE h.kind = 'one'
        UNION SELECT n.id FROM pair p JOIN name n USING (nr) JOIN line l USING (line)
        WHERE CASE WHEN of_given < of_family
            THEN NOT l.words[of_given + 1:of_family - 1] && everyday
            ELSE NOT EXISTS (SELECT FROM unnest(l.words[of_family + 1:of_given - 1]) w
                WHERE length(w) > 1 AND w <> ALL (n.own || suffixes)) END
        ORDER BY 1);
END $$;
