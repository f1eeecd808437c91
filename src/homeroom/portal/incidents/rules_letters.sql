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

-- Verified emails of open accounts.
CREATE FUNCTION addresses_open()
RETURNS TABLE (person_id integer, address text, language text) LANGUAGE sql STABLE ROWS 50000 AS $$
    SELECT DISTINCT ON (a.person_id) a.person_id, m.address, m.language
    FROM mail_address m JOIN account a ON a.id = m.account_id AND a.is_active
    WHERE m.proven_at IS NOT NULL AND m.ended_at IS NULL ORDER BY a.person_id, m.id DESC
$$;

-- Everyone who gets the first notice, once each. No email goes to someone whose contact details or
-- sign-in data were exposed: a thief may read it. `children`: affected students for whom the reader
-- holds rights. `is_own`: the person's own data was exposed.
CREATE FUNCTION letter_readers(questions jsonb)
RETURNS TABLE (person_id integer, children integer[], is_own boolean, channel text)
LANGUAGE sql STABLE AS $$
    WITH q AS MATERIALIZED (SELECT e AS one FROM jsonb_array_elements(questions) e),
    affected AS MATERIALIZED (SELECT a.student_id, bool_and(a.is_hidden) AS is_hidden,
            bool_or(a.kind = 'contacts') AS is_exposed
        FROM q, students_affected(q.one) a GROUP BY 1),
    own AS (SELECT a.person_id AS reader, bool_or(a.is_confidential) AS is_confidential,
            bool_or(a.kind IN ('contacts', 'credentials')) AS is_exposed
        FROM (SELECT o.person_id, o.is_confidential, o.kind FROM q, adults_affected(q.one) o
            UNION ALL SELECT o.person_id, false, 'credentials' FROM q, accounts_affected(q.one) o) a
        WHERE a.person_id IS NOT NULL GROUP BY 1),
    exposed AS (SELECT o.reader FROM own o WHERE o.is_exposed
        UNION SELECT a.student_id FROM affected a WHERE a.is_exposed),
    readers AS (SELECT h.reader, array_agg(h.student_id ORDER BY h.student_id) AS children,
            bool_and(s.is_hidden) AS is_hidden, bool_or(h.is_confidential) AS is_confidential
        FROM rights_holders(ARRAY(SELECT a.student_id FROM affected a)) h
            JOIN affected s ON s.student_id = h.student_id GROUP BY 1)
    SELECT coalesce(r.reader, o.reader), coalesce(r.children, '{}'), o.reader IS NOT NULL,
        CASE WHEN r.is_hidden AND o.reader IS NULL THEN 'undecided'
            WHEN r.is_confidential OR o.is_confidential
                OR r.children && ARRAY(SELECT m.student_id FROM masking m
                    WHERE m.ended_at IS NULL) THEN 'hand'
            WHEN coalesce(r.reader, o.reader) NOT IN (SELECT e.reader FROM exposed e)
                AND coalesce(r.reader, o.reader) IN (SELECT d.person_id FROM addresses_open() d)
                THEN 'email'
            WHEN coalesce(r.reader, o.reader) IN (SELECT a.person_id FROM account a
                WHERE a.is_active) THEN 'portal'
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
            WHEN a.is_confidential OR a.children && ARRAY(SELECT m.student_id FROM masking m
                WHERE m.ended_at IS NULL) THEN 'hand'
            WHEN a.channel = 'email' AND a.person_id IN (SELECT d.person_id
                FROM addresses_open() d) THEN 'email'
            WHEN a.person_id IN (SELECT c.person_id FROM account c WHERE c.is_active) THEN 'portal'
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

-- Whether Homeroom or the district itself notifies people. The district's own way is a choice
-- before the release.
CREATE FUNCTION incident_notifier(of_incident integer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT f.what FROM incident_fact f WHERE f.incident_id = of_incident
        AND f.kind = 'notifier' ORDER BY f.id DESC LIMIT 1), 'homeroom')
$$;

-- The students that a proposal about an undecided letter is about, and its reader.
CREATE FUNCTION students_of_letter(what jsonb) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT l.children || l.person_id FROM breach_letter l
    WHERE l.uuid = (what->>'letter')::uuid
$$;

-- Letters of an incident for the office's list, in their order. Without words: letters that wait
-- for a hand or for a decision. Otherwise those of people with this name. Leaves out letters about
-- people whom the administrator may not decide about.
CREATE FUNCTION letters_for_list(of_incident uuid, words text, after integer)
RETURNS SETOF breach_letter LANGUAGE plpgsql STABLE AS $$
DECLARE mine integer := incident_i_handle(of_incident);
BEGIN
    IF mine IS NULL THEN RETURN; END IF;
    RETURN QUERY SELECT l.* FROM breach_letter l
        WHERE l.incident_id = mine AND l.id > coalesce(after, 0)
          AND CASE coalesce(words, '') WHEN '' THEN l.way IN ('hand', 'undecided')
                AND l.state IN ('waiting', 'printed')
              ELSE l.person_id IN (SELECT people_found(words)) END
          AND NOT EXISTS (SELECT FROM unnest(l.children || l.person_id) w
              WHERE NOT may_decide_about(w))
        ORDER BY l.id LIMIT 30;
END $$;

-- Readers and students of the office's list of letters.
CREATE FUNCTION seen_with_letters(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH l AS MATERIALIZED (SELECT * FROM letters_for_list(subject, words, after))
    SELECT DISTINCT c, NULL::integer, wanted, 'administrator', NULL::integer
        FROM l, unnest(l.children) c
    UNION ALL SELECT DISTINCT l.person_id, NULL::integer, NULL::text[], 'administrator',
        NULL::integer FROM l WHERE l.person_id <> ALL (l.children);
END $$;

-- Readers and students of a batch that the person asking printed.
CREATE FUNCTION seen_on_batch(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE mine bigint := (SELECT f.id FROM incident_fact f WHERE f.uuid = subject
    AND f.kind = 'printed' AND f.by_id = asking_staff());
BEGIN
    IF mine IS NULL OR NOT i_handle_incidents() THEN RETURN; END IF;
    RETURN QUERY
    WITH l AS MATERIALIZED (SELECT * FROM breach_letter b WHERE b.batch_id = mine)
    SELECT DISTINCT c, NULL::integer, wanted, 'administrator', NULL::integer
        FROM l, unnest(l.children) c
    UNION ALL SELECT DISTINCT l.person_id, NULL::integer, NULL::text[], 'administrator',
        NULL::integer FROM l WHERE l.person_id <> ALL (l.children);
END $$;
