-- Columns and images of imports, and what administrators may see and answer about them.

CREATE FUNCTION columns_of(target regclass) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = target AND attnum > 0 AND NOT attisdropped
$$;

-- The primary key's only column.
CREATE FUNCTION key_of(target regclass) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
        AND a.attnum = i.indkey[0]
    WHERE i.indrelid = target AND i.indisprimary
$$;

-- The columns that a table had when the images were written. Columns that an upgrade added since
-- come after them.
CREATE FUNCTION was_columns(target text, delivery integer) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT i.columns FROM row_image i
            WHERE i.delivery_id = delivery AND i.table_name = target
        AND i.kind IN ('changed', 'gone') LIMIT 1), '{}')
$$;

-- Returns SQL for the oldest image of each row, as rows of the table. Rows that the import itself
-- added before it changed or removed them are left out, since they were not there before it. In a
-- table without delivery_id the trigger could not tell.
CREATE FUNCTION images_as_rows(target text, delivery integer, of_kind text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format('images AS MATERIALIZED (
            SELECT i.id AS image, (left(u.written, -1) || %L || '')'')::%I AS o FROM row_image i, unnest(i.rows) AS u (written)
            WHERE i.delivery_id = %s AND i.table_name = %L AND i.kind = %L),
        oldest AS MATERIALIZED (SELECT DISTINCT ON ((o).%I) o, image FROM images %s ORDER BY (o).%I, image)',
        repeat(',', cardinality(columns_of(target::regclass)) - cardinality(was_columns(target,
                delivery))), target, delivery, target,
        of_kind, key_of(target::regclass),
        CASE WHEN 'delivery_id' <> ALL (columns_of(target::regclass))
            THEN format('WHERE NOT EXISTS (
            SELECT FROM row_image n, unnest(n.rows) AS v (key) WHERE n.delivery_id = %s AND n.table_name = %L AND n.kind = ''new''
            AND n.id < image AND v.key = (o).%I::text)', delivery, target, key_of(target::regclass)) ELSE '' END,
        key_of(target::regclass))
$$;

-- Whether something other than an import wrote a row after this import did.
CREATE FUNCTION written_by_hand(target text, delivery integer, since bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SET datestyle = 'ISO, YMD' SET timezone = 'UTC' AS $$
DECLARE key text := key_of(target::regclass); filled text := ''; answer boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM row_image i
        WHERE i.kind = 'by hand' AND i.table_name = target AND i.id > since) THEN
        RETURN false;
    END IF;
    IF 'delivery_id' = ANY (columns_of(target::regclass)) THEN
        filled := format('UNION ALL SELECT i.id, t.%I::text FROM row_image i, %I t
            WHERE i.delivery_id = $2 AND i.table_name = $1 AND i.kind = ''filled'' AND t.delivery_id = $2', key, target);
    END IF;
    EXECUTE format('WITH %s,
        touched (image, key) AS (
            SELECT i.id, u.key FROM row_image i, unnest(i.rows) AS u (key)
            WHERE i.delivery_id = $2 AND i.table_name = $1 AND i.kind = ''new''
            UNION ALL SELECT image, (o).%I::text FROM images %s)
        SELECT EXISTS (SELECT FROM row_image h, unnest(h.rows) AS u (key) JOIN touched t USING (key)
            WHERE h.kind = ''by hand'' AND h.table_name = $1 AND h.id > t.image)',
        images_as_rows(target, delivery, 'changed'), key, filled)
        INTO answer USING target, delivery;
    RETURN answer;
END $$;

-- Administrators decide neither about themselves nor about a child to whom they have a tie or a
-- restriction. A masked student of another school is excluded, since the page shows the real name.
CREATE FUNCTION may_answer_about(subject integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM my_offices()) AND subject <> asking()
        AND NOT subject = ANY (barred_from())
        AND NOT EXISTS (SELECT FROM tie t WHERE t.adult_id = asking() AND t.student_id = subject)
        AND NOT is_masked_from_me(subject)
$$;

-- Columns of preferred names. Only their own setting turns them on and off, never the page of
-- columns. Turning them on needs a second approval.
CREATE FUNCTION preferred_columns() RETURNS TABLE (file text, column_name text)
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    VALUES ('users.csv', 'preferredGivenName'), ('users.csv', 'preferredFamilyName')
$$;

-- Returns the place of a column's values: table, column, and which of its rows a file filled.
-- NULL for a column that cannot be turned off.
CREATE FUNCTION column_place(of_file text, of_name text) RETURNS text[]
LANGUAGE sql IMMUTABLE SECURITY INVOKER AS $$
    SELECT CASE of_file || ' ' || of_name
        WHEN 'users.csv middleName' THEN ARRAY['person', 'middle_name', 'sourced_id IS NOT NULL']
        WHEN 'users.csv preferredGivenName'
            THEN ARRAY['person', 'preferred_given_name', 'sourced_id IS NOT NULL']
        WHEN 'users.csv preferredFamilyName'
            THEN ARRAY['person', 'preferred_family_name', 'sourced_id IS NOT NULL']
        WHEN 'users.csv email' THEN ARRAY['contact_detail', 'email', 'true']
        WHEN 'users.csv sms' THEN ARRAY['contact_detail', 'sms', 'true']
        WHEN 'users.csv phone' THEN ARRAY['contact_detail', 'phone', 'true']
        WHEN 'lineItems.csv description' THEN ARRAY['line_item', 'description', 'true']
        WHEN 'results.csv comment' THEN ARRAY['result', 'comment', 'true']
        WHEN 'contacts.csv Contact_relationship'
            THEN ARRAY['contact', 'relationship', 'kind <> ''agent''']
        WHEN 'contacts.csv Contact_phone_type'
            THEN ARRAY['contact', 'phone_kind', 'kind <> ''agent''']
        WHEN 'contacts.csv Contact_email' THEN ARRAY['contact', 'email', 'kind <> ''agent'''] END
$$;

-- The student that a question is about. `subject` is the question.
CREATE FUNCTION seen_in_question(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT q.person_id, NULL::integer, wanted, 'administrator', NULL::integer
    FROM question q WHERE q.uuid = subject AND may_answer_about(q.person_id);
END $$;

-- The person that a change is about, for administrators. A restriction denies access in every role.
CREATE FUNCTION seen_in_change(subject uuid, wanted text[]) RETURNS SETOF seen_student
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT c.person_id, NULL::integer, wanted, 'administrator', NULL::integer
    FROM change c WHERE c.uuid = subject AND c.person_id IS NOT NULL
      AND EXISTS (SELECT FROM my_offices()) AND NOT is_restricted(asking(), c.person_id)
      AND NOT is_masked_from_me(c.person_id) AND is_of_my_offices(c.person_id);
END $$;

-- People whose changes the person asking may not see. A restriction hides its student in every
-- role. A change of a masked student has the file's name, so only the student's own offices see it.
CREATE FUNCTION changes_closed_to_me() RETURNS integer[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN barred_from() || names_closed_to_me();
END $$;

-- A page of a change set's list. The filters '' and false select everything. The page begins after
-- the place `after`. With PostgreSQL's default of 1,000 ROWS, callers would read all people.
CREATE FUNCTION page_of_changes(of_delivery integer, of_school text, mark text, is_odd boolean,
    called text, after integer, most integer)
RETURNS SETOF change LANGUAGE plpgsql STABLE ROWS 51 AS $$
DECLARE closed integer[] := changes_closed_to_me();
    folded text := regexp_replace(normalize(lower(called), NFD), '[\u0300-\u036f]', '', 'g');
BEGIN
    RETURN QUERY
    SELECT c.* FROM change c
    WHERE c.delivery_id = of_delivery AND (of_school = '' OR of_school = ANY (c.schools))
      AND (mark = '' OR mark = ANY (c.marks))
      AND (NOT is_odd OR c.stands_out <> '{}') AND (folded = '' OR position(folded IN c.search) > 0)
      AND (c.person_id IS NULL OR c.person_id <> ALL (closed)) AND c.place > after
    ORDER BY c.place LIMIT greatest(most, 0);
END $$;

-- The students on a page of 50 and in the next change, which shows that there are more. `words` is
-- the filter as JSON. Its word `first` is for the file's own page, which lists 20 while the file is
-- on hold. Newcomers have no record yet, and staff and adults have no access log.
CREATE FUNCTION seen_in_changes(subject uuid, words text, after integer, wanted text[])
RETURNS SETOF seen_student LANGUAGE plpgsql STABLE AS $$
DECLARE f jsonb; most integer := 51;
BEGIN
    IF subject IS NOT NULL OR NOT EXISTS (SELECT FROM my_offices())
        OR pg_input_is_valid(words, 'jsonb') IS NOT TRUE THEN
        RETURN;
    END IF;
    f := words::jsonb;
    IF pg_input_is_valid(f->>'delivery', 'integer') IS NOT TRUE THEN RETURN; END IF;
    IF f->'first' IS NOT DISTINCT FROM 'true' THEN
        most := CASE WHEN EXISTS (SELECT FROM delivery d
            WHERE d.id = (f->>'delivery')::integer AND d.state = 'held') THEN 20 ELSE 0 END;
    END IF;
    RETURN QUERY
    SELECT DISTINCT p.id, NULL::integer, wanted, 'administrator', NULL::integer
    FROM page_of_changes((f->>'delivery')::integer, coalesce(f->>'school', ''),
            coalesce(f->>'mark', ''), f->'odd' IS NOT DISTINCT FROM 'true',
            coalesce(f->>'called', ''), coalesce(after, 0), most) c
         JOIN person p ON p.id = c.person_id AND p.is_student;
END $$;
