-- Reading functions for an administrator's pages about imports. Only questions' records and changes
-- about known people need a view. Deliveries, refused rows and counts have no values about people.

CREATE FUNCTION questions_of(of_delivery integer)
RETURNS TABLE (question uuid, kind text, sourced_id text, answer text, proposed_by text,
    proposed_at timestamptz, is_mine boolean, confirmed_by text, confirmed_at timestamptz,
    is_applied boolean, is_merged boolean, undone_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT q.uuid, q.kind, q.sourced_id, a.answer, full_name(p), a.proposed_at,
           a.proposed_by_id = asking(), full_name(c), a.confirmed_at,
           q.applied_by_id IS NOT NULL, m.id IS NOT NULL AND m.undone_at IS NULL, m.undone_at
    FROM question q LEFT JOIN answer a ON a.question_id = q.id
         LEFT JOIN person p ON p.id = a.proposed_by_id
         LEFT JOIN person c ON c.id = a.confirmed_by_id LEFT JOIN merge m ON m.question_id = q.id
    WHERE q.delivery_id = of_delivery AND may_answer_about(q.person_id)
    ORDER BY (a.answer = 'new person' OR a.confirmed_by_id IS NOT NULL) IS TRUE, q.id;
END $$;

-- Both records of a question, if the request's view opened them. Otherwise NULL.
CREATE FUNCTION question_beside(of_question uuid) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE q question; p person; open integer[] := opened('birth date');
BEGIN
    IF open = '{}' THEN RETURN NULL; END IF;
    SELECT * INTO q FROM question
    WHERE uuid = of_question AND person_id = ANY (open) AND may_answer_about(person_id);
    IF q.id IS NULL THEN RETURN NULL; END IF;
    SELECT * INTO p FROM person WHERE id = q.person_id;
    RETURN jsonb_build_object(
        'delivery', q.delivery_id,
        'file', jsonb_build_object('sourced_id', q.sourced_id, 'given_name', q.given_name,
            'family_name', q.family_name,
            'birth_date', q.birth_date, 'grade_levels', q.grade_levels, 'schools', q.schools),
        'ours', jsonb_build_object('sourced_id', coalesce(p.sourced_id, ''), 'given_name',
            p.given_name, 'family_name', p.family_name,
            'birth_date', (SELECT d.birth_date FROM demographic d WHERE d.person_id = p.id),
            'grade_levels', array_to_string(p.grade_levels, ', '),
            'schools', coalesce((SELECT string_agg(DISTINCT s.name, ', ')
                    FROM role r JOIN school s ON s.id = r.school_id
                                 WHERE r.person_id = p.id
                                   AND (r.ended_at IS NULL OR p.ended_at IS NOT NULL)), '')),
        'ended_at', p.ended_at,
        'ties', (SELECT count(*) FROM tie t
            WHERE p.id IN (t.student_id, t.adult_id) AND t.state <> 'ended'),
        'accounts', (SELECT count(*) FROM account a WHERE a.person_id = p.id),
        'statement', statements_about(p.id, true, false));
END $$;

-- Decisions, with the administrators' names. Only administrators may see who is an administrator.
CREATE FUNCTION decisions_of(about integer)
RETURNS TABLE (verdict text, decider text, at timestamptz, why text, schools text[], tables text[],
    done_at timestamptz, answer text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT d.verdict, full_name(p), d.at, d.why, d.schools, d.tables, d.done_at, d.answer
    FROM decision d JOIN person p ON p.id = d.by_id
    WHERE d.delivery_id = about ORDER BY d.id DESC;
END $$;

-- The administrator who sent the file. Only administrators may see who is an administrator.
CREATE FUNCTION uploader_of(about integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN NULL; END IF;
    RETURN (
    SELECT full_name(p) FROM upload u JOIN person p ON p.id = u.by_id
    WHERE u.delivery_id = about);
END $$;

-- Files, newest first, without their receipts. `about` selects one of them. `before` selects lower
-- numbers.
CREATE FUNCTION deliveries_shown(about integer, before integer, most integer)
RETURNS TABLE (number integer, sender text, signer text, came timestamptz, as_of timestamptz,
    ended timestamptz, state text, reason text, numbers json, reasons json, counts json,
    days json, groups json, notes text[], size bigint, rows bigint) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT d.id, d.sender, coalesce(d.signer_id, ''), d.received_at, d.signed_at, d.ended_at,
           d.state, d.reason, d.numbers::json, d.reasons::json, d.counts::json, d.days::json,
           d.groups::json, d.notes, d.size,
           CASE WHEN d.id = about THEN (SELECT count(*) FROM refused_row r
                   WHERE r.delivery_id = d.id) ELSE 0 END
    FROM delivery d WHERE (about IS NULL OR d.id = about) AND (before IS NULL OR d.id < before)
    ORDER BY d.id DESC LIMIT greatest(most, 0);
END $$;

-- When the last files came and their states, newest first.
CREATE FUNCTION recent_deliveries(most integer)
RETURNS TABLE (number integer, at timestamptz, state text) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT d.id, d.received_at, d.state FROM delivery d ORDER BY d.id DESC
        LIMIT greatest(most, 0);
END $$;

-- When the last file came that was not refused, and when the last imported one was signed.
CREATE FUNCTION last_files(OUT came timestamptz, OUT signed timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    came := (SELECT max(v.received_at) FROM delivery v WHERE v.state NOT IN ('arrived', 'refused'));
    signed := (SELECT max(v.signed_at) FROM delivery v WHERE v.state = 'imported');
END $$;

-- Three functions for the jobs process, which has no right on delivery: deliveries that ended since
-- a time or are on hold, what a report says about one, and those whose sealed files are old.
CREATE FUNCTION deliveries_told(since timestamptz) RETURNS TABLE (id integer, state text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT v.id, v.state FROM delivery v
        WHERE v.state <> 'arrived' AND coalesce(v.ended_at, v.received_at) > since;
END $$;

CREATE FUNCTION delivery_told(which integer)
RETURNS TABLE (id integer, sender text, digest text, received_at timestamptz, state text,
    reason text, numbers jsonb, reasons jsonb, counts jsonb, notes text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT v.id, v.sender, v.digest, v.received_at, v.state, v.reason, v.numbers,
            v.reasons, v.counts, v.notes FROM delivery v WHERE v.id = which;
END $$;

CREATE FUNCTION files_ended(before timestamptz) RETURNS TABLE (digest text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT v.digest FROM delivery v WHERE v.ended_at < before;
END $$;

-- When the nightly import is expected, and when the last file came that was not refused.
CREATE FUNCTION nightly_expected() RETURNS TABLE (by time, weekends boolean, last_came timestamptz)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT d.nightly_by, d.nightly_weekends,
        (SELECT f.came FROM last_files() f) FROM district d;
END $$;

-- The number of the delivery with this digest. NULL if intake has not seen the file.
CREATE FUNCTION delivery_of_digest(sealed text) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN NULL; END IF;
    RETURN (SELECT d.id FROM delivery d WHERE d.digest = sealed);
END $$;

CREATE FUNCTION receipt_shown(about integer) RETURNS TABLE (digest text, text text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT d.digest, d.receipt FROM delivery d WHERE d.id = about AND d.receipt <> '';
END $$;

-- Rows that were left out, in the order in which they were found. `after` selects higher numbers.
CREATE FUNCTION refused_rows_shown(about integer, after bigint, most integer)
RETURNS TABLE (number bigint, file text, line integer, "column" text, reason text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT r.id, r.file, r.line, r."column", r.reason FROM refused_row r
        WHERE r.delivery_id = about AND r.id > after ORDER BY r.id LIMIT greatest(most, 0);
END $$;

-- Keys that may sign now. The one that ends first comes first. `ends` is NULL if it has no end.
CREATE FUNCTION signing_keys_shown()
RETURNS TABLE (sender text, added timestamptz, ends timestamptz) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT s.sender, s.added_at, s.expires_at FROM signer s
        WHERE (s.expires_at IS NULL OR s.expires_at > now()) AND s.revoked_at IS NULL
        ORDER BY s.expires_at;
END $$;

-- Columns that are not read: the district turned them off or did not turn preferred names on.
CREATE FUNCTION columns_off_shown() RETURNS TABLE (file text, column_name text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT u.file, u.column_name FROM unread_column u
        UNION SELECT c.* FROM preferred_columns() c
            JOIN district d ON d.preferred_names = 'off';
END $$;

-- The tolerances that the district accepts in its files.
CREATE FUNCTION tolerances_shown() RETURNS TABLE (tolerance text) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT unnest(d.tolerances) FROM district d;
END $$;

-- ── Change sets ──

CREATE FUNCTION change_counts_shown(about integer)
RETURNS TABLE (shape text, school text, school_title text, kind text, rows integer)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY SELECT c.shape, c.school, c.school_title, c.kind, c.rows FROM change_count c
        WHERE c.delivery_id = about ORDER BY c.school_title, c.school, c.shape, c.kind;
END $$;

-- A page of a change set's list: students whom the view of the list recorded, and everything that
-- is not a student of this portal.
CREATE FUNCTION changes_shown(of_delivery integer, of_school text, mark text, is_odd boolean,
    called text, after integer, most integer)
RETURNS TABLE (uuid uuid, place integer, about text, name text, is_here boolean, schools text[],
    counts jsonb, stands_out text[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE listed integer[] := coalesce(listed_by('change list'), '{}');
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, c.place, c.about, c.name, c.person_id IS NOT NULL, c.schools, c.counts,
        c.stands_out
    FROM page_of_changes(of_delivery, of_school, mark, is_odd, called, after, most) c
    WHERE c.person_id IS NULL OR c.person_id = ANY (listed)
        OR NOT EXISTS (SELECT FROM person p WHERE p.id = c.person_id AND p.is_student)
    ORDER BY c.place;
END $$;

-- How many changes there are, up to `most`. If the filter has typed words, students count only
-- after the view listed a match. Otherwise the number would tell whether a name is in the file.
CREATE FUNCTION changes_counted(of_delivery integer, of_school text, mark text, is_odd boolean,
    called text, most integer)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE closed integer[];
    folded text := regexp_replace(normalize(lower(called), NFD), '[\u0300-\u036f]', '', 'g');
    listed integer[] := coalesce(listed_by('change list'), '{}');
    is_viewed boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN 0; END IF;
    closed := changes_closed_to_me();
    is_viewed := folded = '' OR EXISTS (SELECT FROM change c
        WHERE c.delivery_id = of_delivery AND c.person_id = ANY (listed)
          AND position(folded IN c.search) > 0);
    RETURN (SELECT count(*) FROM (
        SELECT FROM change c
        WHERE c.delivery_id = of_delivery AND (of_school = '' OR of_school = ANY (c.schools))
          AND (mark = '' OR mark = ANY (c.marks))
          AND (NOT is_odd OR c.stands_out <> '{}')
          AND (folded = '' OR position(folded IN c.search) > 0)
          AND (c.person_id IS NULL OR c.person_id <> ALL (closed)
              AND (is_viewed OR NOT EXISTS (SELECT FROM person p
                  WHERE p.id = c.person_id AND p.is_student))) LIMIT greatest(most, 0)) found);
END $$;

-- One change with its rows, old and new. These are values of a record, so a view of this person
-- comes first. A newcomer has no record to view.
CREATE FUNCTION change_shown(of_delivery integer, which uuid, is_known boolean)
RETURNS TABLE (uuid uuid, place integer, about text, name text, is_here boolean, schools text[],
    counts jsonb, stands_out text[], rows jsonb) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE o opening := viewed();
BEGIN
    IF is_known AND o.entry_id IS NULL OR NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.uuid, c.place, c.about, c.name, c.person_id IS NOT NULL, c.schools, c.counts,
        c.stands_out, d.rows
    FROM change c JOIN change_detail d ON d.change_id = c.id
    WHERE c.uuid = which AND c.delivery_id = of_delivery AND (c.person_id IS NOT NULL) = is_known
      AND (c.person_id IS NULL OR c.person_id = ANY (o.changes)
          AND c.person_id <> ALL (changes_closed_to_me()));
END $$;

GRANT EXECUTE ON FUNCTION questions_of(integer), question_beside(uuid), decisions_of(integer),
    uploader_of(integer), deliveries_shown(integer, integer, integer), recent_deliveries(integer),
    nightly_expected(), delivery_of_digest(text), receipt_shown(integer),
    refused_rows_shown(integer, bigint, integer), signing_keys_shown(), columns_off_shown(),
    tolerances_shown(),
    change_counts_shown(integer),
    changes_shown(integer, text, text, boolean, text, integer, integer),
    changes_counted(integer, text, text, boolean, text, integer),
    change_shown(integer, uuid, boolean) TO app;
GRANT EXECUTE ON FUNCTION last_files(), deliveries_told(timestamptz), delivery_told(integer),
    files_ended(timestamptz) TO jobs;
