-- What the forwarder sends.

-- The next events for a receiver, in the order of their transactions, after what it has or after a
-- later position. A transaction that still runs
-- may write one before those that are visible, so only what ended before the oldest running one is
-- sent. A long import delays events, and loses none. No receiver gets a session's key.
CREATE FUNCTION events_due(for_target text, after_xid bigint, after_event bigint, most integer)
RETURNS TABLE (id bigint, at timestamptz, kind text, result text, what text, account_id bigint,
    address bytea, device text, about bigint, xid bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF after_xid IS NULL THEN
        SELECT f.xid, f.event INTO after_xid, after_event FROM event_forwarded f
        WHERE f.target = for_target;
    END IF;
    RETURN QUERY SELECT e.id, e.at, e.kind, e.result, e.what, e.account_id, e.address, e.device,
            e.about, e.xid FROM security_event e
        WHERE (e.xid, e.id) > (coalesce(after_xid, 0), coalesce(after_event, 0))
          AND e.xid < (SELECT d.event_base FROM district d)
              + pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        ORDER BY e.xid, e.id LIMIT most;
END $$;
