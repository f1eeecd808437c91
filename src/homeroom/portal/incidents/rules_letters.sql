-- Letters about an incident: who gets one of each notice, and what proves that none was changed.

-- 'first notice' or 'second notice', of a draft or a release.
CREATE FUNCTION notice_of(f incident_fact) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(f.what, ''), 'first notice')  -- '' is from before there were two
$$;

-- The draft that counts. NULL: there isn't one.
CREATE FUNCTION last_draft(of_incident integer, of_notice text) RETURNS incident_fact
LANGUAGE sql STABLE AS $$
    SELECT * FROM incident_fact f WHERE f.incident_id = of_incident AND f.kind = 'drafted'
        AND notice_of(f) = of_notice ORDER BY f.id DESC LIMIT 1
$$;

-- Adults who hold rights for these students today, and students at 18 themselves. A restricted
-- adult learns nothing about the child (34 CFR 99.4).
CREATE FUNCTION rights_holders(students integer[])
RETURNS TABLE (reader integer, student_id integer, is_confidential boolean)
LANGUAGE sql STABLE AS $$
    SELECT t.adult_id, t.student_id, t.is_confidential
    FROM unnest(students) s JOIN tie t ON t.student_id = s
    WHERE t.kind <> 'tutor' AND t.state IN ('approved', 'under challenge') AND NOT t.is_shut
      AND t.start_date <= today() AND (t.end_date IS NULL OR t.end_date > today())
      AND NOT is_restricted(t.adult_id, t.student_id)
      AND (NOT is_of_age(t.student_id) OR goes_on_by(t) <> '')
    UNION ALL SELECT s, s, false FROM unnest(students) s WHERE is_of_age(s)
$$;

-- Everyone who gets the first notice, once each. `children`: affected students for whom the reader
-- holds rights. `is_own`: the person's own data was exposed.
CREATE FUNCTION letter_readers(questions jsonb)
RETURNS TABLE (person_id integer, children integer[], is_own boolean, channel text)
LANGUAGE sql STABLE AS $$
    WITH q AS MATERIALIZED (SELECT e AS one FROM jsonb_array_elements(questions) e),
    affected AS MATERIALIZED (SELECT a.student_id, bool_and(a.is_hidden) AS is_hidden
        FROM q, students_affected(q.one) a GROUP BY 1),
    own AS (SELECT a.person_id AS reader, bool_or(a.is_confidential) AS is_confidential
        FROM (SELECT o.person_id, o.is_confidential FROM q, adults_affected(q.one) o
            UNION ALL SELECT o.person_id, false FROM q, accounts_affected(q.one) o) a
        WHERE a.person_id IS NOT NULL GROUP BY 1),
    readers AS (SELECT h.reader, array_agg(h.student_id ORDER BY h.student_id) AS children,
            bool_and(s.is_hidden) AS is_hidden, bool_or(h.is_confidential) AS is_confidential
        FROM rights_holders(ARRAY(SELECT a.student_id FROM affected a)) h
            JOIN affected s ON s.student_id = h.student_id GROUP BY 1)
    SELECT coalesce(r.reader, o.reader), coalesce(r.children, '{}'), o.reader IS NOT NULL,
        CASE WHEN r.is_hidden AND o.reader IS NULL THEN 'undecided'
            WHEN r.is_confidential OR o.is_confidential OR EXISTS (SELECT FROM masking m
                WHERE m.student_id = ANY (r.children) AND m.ended_at IS NULL) THEN 'hand'
            WHEN EXISTS (SELECT FROM account a
                WHERE a.person_id = coalesce(r.reader, o.reader) AND a.is_active) THEN 'portal'
            ELSE 'paper' END
    FROM readers r FULL JOIN own o ON o.reader = r.reader
$$;

-- Everyone who gets the second notice: people who got the first. It is only about children for whom
-- the reader still holds rights. What went by hand goes by hand again.
CREATE FUNCTION second_readers(of_incident integer)
RETURNS TABLE (person_id integer, children integer[], is_own boolean, channel text)
LANGUAGE sql STABLE AS $$
    WITH firsts AS MATERIALIZED (SELECT l.* FROM breach_letter l JOIN person p ON p.id = l.person_id
        WHERE l.incident_id = of_incident AND l.notice = 'first notice'),
    still AS MATERIALIZED (SELECT h.* FROM rights_holders(ARRAY(SELECT DISTINCT unnest(f.children)
        FROM firsts f)) h),
    again AS (SELECT f.person_id, f.is_own, f.channel,
            coalesce(array_agg(h.student_id ORDER BY h.student_id)
                FILTER (WHERE h.student_id IS NOT NULL), '{}') AS children,
            coalesce(bool_or(h.is_confidential), false) AS is_confidential
        FROM firsts f LEFT JOIN still h ON h.reader = f.person_id
            AND h.student_id = ANY (f.children)
        GROUP BY f.id, f.person_id, f.is_own, f.channel)
    SELECT a.person_id, a.children, a.is_own,
        CASE WHEN a.channel IN ('undecided', 'hand') THEN a.channel
            WHEN a.is_confidential OR EXISTS (SELECT FROM masking m
                WHERE m.student_id = ANY (a.children) AND m.ended_at IS NULL) THEN 'hand'
            WHEN EXISTS (SELECT FROM account c
                WHERE c.person_id = a.person_id AND c.is_active) THEN 'portal'
            ELSE 'paper' END
    FROM again a WHERE a.is_own OR a.children <> '{}'
$$;

CREATE FUNCTION notice_readers(of_incident integer, of_notice text)
RETURNS TABLE (person_id integer, children integer[], is_own boolean, channel text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF of_notice = 'second notice' THEN
        RETURN QUERY SELECT * FROM second_readers(of_incident);
    ELSE
        RETURN QUERY SELECT * FROM letter_readers(questions_counted(of_incident));
    END IF;
END $$;

-- One digest over all letters of a release: who, about which children, and by which way. The entry
-- of the release in the access log has it.
CREATE FUNCTION letters_digest(of_release bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(jsonb_build_array(l.uuid, l.incident_id,
        l.notice, l.person_id, l.children, l.is_own, l.channel)::text, ' ' ORDER BY l.id), ''),
        'UTF8')), 'hex')
    FROM breach_letter l WHERE l.release_id = of_release
$$;
