-- Functions that the matrix calls in databases of its tests. matrix_answers() runs as app, so
-- that it has app's rights. probe_*() run as owner.

CREATE TABLE probe_table (oid oid PRIMARY KEY, name text, rows bigint);

-- Returns how many rows of each table the running transaction inserted, changed or deleted so
-- far, whether or not they are still there.
CREATE FUNCTION probe_touched() RETURNS bigint[] LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
                     + pg_stat_get_xact_tuples_deleted(oid) ORDER BY oid) FROM probe_table
$$;

-- Returns what new lines of the access log say: "duty ended; tie ended:nina".
CREATE FUNCTION probe_ledger(since bigint) RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT string_agg(DISTINCT concat_ws(':', l.event, nullif(l.act, ''), (
            SELECT string_agg(coalesce(p.sourced_id, '?'), ',' ORDER BY p.sourced_id)
            FROM ledger_student s JOIN person p ON p.id = s.student_id WHERE s.entry_id = l.id)), '; ')
    FROM ledger l WHERE l.xmin::text::bigint >= since
$$;

-- Returns who has a new notice, and about what: "duty ended>pat".
CREATE FUNCTION probe_notices(since bigint) RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT string_agg(w.what || '>' || w.who, '; ' ORDER BY w.what) FROM (
        SELECT n.what, string_agg(DISTINCT coalesce(p.sourced_id, 'new'), ',') AS who
        FROM account_notice n JOIN account a ON a.id = n.account_id JOIN person p ON p.id = a.person_id
        WHERE n.xmin::text::bigint >= since GROUP BY n.what) w
$$;

-- Returns what is left of the changes since `before`: "duty~1 ledger+1 answer-1", in the order of
-- the tables' names. Only sessions that ended count, since a notice changes the others. `since`
-- is the transaction's number. Rows that it wrote have this number or a higher one.
CREATE FUNCTION probe_changes(before bigint[], since bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE t record; found text[] := '{}'; after bigint[] := probe_touched(); new bigint; more bigint; says text;
BEGIN
    IF after = before THEN RETURN NULL; END IF;
    FOR t IN SELECT p.*, row_number() OVER (ORDER BY p.oid) AS place FROM probe_table p ORDER BY p.oid LOOP
        CONTINUE WHEN before[t.place] = after[t.place];
        EXECUTE format('SELECT count(*) FILTER (WHERE xmin::text::bigint >= %s %s), count(*) FROM %I', since,
                       CASE t.name WHEN 'session' THEN 'AND ended_at IS NOT NULL' END, t.name) INTO new, more;
        more := more - t.rows;
        CONTINUE WHEN new = 0 AND more = 0;
        says := CASE t.name WHEN 'ledger' THEN probe_ledger(since) WHEN 'account_notice' THEN probe_notices(since) END;
        found := found || (t.name || CASE WHEN more > 0 THEN '+' || more WHEN more < 0 THEN '-' || -more ELSE '' END
                           || CASE WHEN new > greatest(more, 0) THEN '~' || new - greatest(more, 0) ELSE '' END
                           || coalesce('(' || replace(says, ' ', '_') || ')', ''));
    END LOOP;
    RETURN (SELECT string_agg(w, ' ' ORDER BY w) FROM unnest(found) w);
END $$;

-- Returns what a view that was just made wrote: "nina:attendance,grades as duty: principal".
CREATE FUNCTION probe_view(entry bigint) RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (SELECT string_agg(coalesce(p.sourced_id, '?') || ':' || (SELECT string_agg(k, ',' ORDER BY k) FROM unnest(s.kinds) k), ' '
                              ORDER BY p.sourced_id)
            FROM ledger_student s JOIN person p ON p.id = s.student_id WHERE s.entry_id = entry)
        || ' as ' || (SELECT l.capacity FROM ledger l WHERE l.id = entry)
$$;

-- Returns what a view that was just made opened: ["grades 3", "names 3"], with numbers of people
-- and classes.
CREATE FUNCTION probe_opened(entry bigint) RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT json_agg(w.key || ' ' || one)::text
    FROM opening o, jsonb_each(to_jsonb(o)) w, jsonb_array_elements_text(CASE jsonb_typeof(w.value) WHEN 'array' THEN w.value ELSE '[]' END) one
    WHERE o.entry_id = entry
$$;

-- Returns what the running transaction read so far: table → scans and rows, of the table and its
-- indexes.
CREATE FUNCTION probe_scans() RETURNS jsonb LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(w.name, w.scans), '{}') FROM (
        SELECT t.name, (SELECT sum(pg_stat_get_xact_numscans(r) + pg_stat_get_xact_tuples_returned(r) + pg_stat_get_xact_tuples_fetched(r))
            FROM unnest(t.oid || ARRAY(SELECT i.indexrelid FROM pg_index i WHERE i.indrelid = t.oid)) r) AS scans FROM probe_table t) w
    WHERE w.scans > 0
$$;

-- Returns which tables a call reads: "account person tie". If is_counted, it also returns how
-- much of each: "account 2 person 1". Other tests compare what a call raises.
CREATE FUNCTION probe_reads(call text, is_counted boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
DECLARE before jsonb := probe_scans(); said text;
BEGIN
    BEGIN
        EXECUTE call INTO said;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    RETURN (SELECT string_agg(a.key || CASE WHEN is_counted THEN ' ' || a.value::bigint - coalesce((before->a.key)::bigint, 0) ELSE '' END, ' ' ORDER BY a.key)
            FROM jsonb_each(probe_scans()) a WHERE a.value IS DISTINCT FROM before->a.key);
END $$;

-- `claims` is [{begin, calls, is_apart}], with calls by their numbers from 1. Everything is
-- rolled back: each claim with all its calls, or each call by itself if is_apart. `place` counts
-- a claim's calls from 0. If they are not apart, the row with NULL has what all calls of the
-- claim changed.
CREATE FUNCTION matrix_answers(claims jsonb, calls text[]) RETURNS TABLE (claim integer, place integer, answer text, changes text)
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE c record; k record; said text; did text; before bigint[]; since bigint := pg_current_xact_id()::text::bigint;
BEGIN
    FOR c IN SELECT w.what, (w.what->>'is_apart')::boolean AS is_apart, (w.place - 1)::integer AS number
             FROM jsonb_array_elements(claims) WITH ORDINALITY AS w (what, place) LOOP
        BEGIN
            EXECUTE c.what->>'begin';
            before := probe_touched();
            FOR k IN SELECT (w.place - 1)::integer AS place, w.call::integer AS call
                     FROM jsonb_array_elements_text(c.what->'calls') WITH ORDINALITY AS w (call, place) LOOP
                did := NULL;
                IF c.is_apart THEN
                    BEGIN
                        EXECUTE calls[k.call] INTO said;
                        SET CONSTRAINTS ALL IMMEDIATE;
                        did := probe_changes(before, since);
                        RAISE EXCEPTION USING ERRCODE = 'MX001';
                    EXCEPTION WHEN SQLSTATE 'MX001' THEN NULL;
                              WHEN OTHERS THEN said := 'raises ' || SQLSTATE || ' ' || SQLERRM;
                    END;
                    before := probe_touched();  -- the counters keep what was rolled back
                ELSE
                    EXECUTE calls[k.call] INTO said;
                END IF;
                RETURN QUERY SELECT c.number, k.place, said, did;
            END LOOP;
            IF NOT c.is_apart THEN RETURN QUERY SELECT c.number, NULL::integer, NULL::text, probe_changes(before, since); END IF;
            RAISE EXCEPTION USING ERRCODE = 'MX001';
        EXCEPTION WHEN SQLSTATE 'MX001' THEN NULL;
                  WHEN OTHERS THEN RETURN QUERY SELECT c.number, NULL::integer, 'raises ' || SQLSTATE || ' ' || SQLERRM, NULL::text;
        END;
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION probe_touched(), probe_scans(), probe_reads(text, boolean), probe_changes(bigint[], bigint), probe_view(bigint), probe_opened(bigint), matrix_answers(jsonb, text[])
    TO app, door, jobs, intake;
