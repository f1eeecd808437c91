-- The settings, for the page.

-- For anyone who holds an office. `waits` is the choice that waits for a second approval. `history`
-- has the newest first. `by` NULL means the operator.
CREATE FUNCTION access_settings_shown()
RETURNS TABLE (setting text, choice text, choices text[], waits text, may_change boolean,
    history jsonb) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM my_offices()) THEN RETURN; END IF;
    RETURN QUERY
    SELECT c.setting, setting_now(c.setting), array_agg(c.choice ORDER BY c.width, c.choice),
           (SELECT p.payload->>'now' FROM proposal p
               WHERE p.kind = 'wider setting' AND p.state = 'waiting'
                 AND p.payload->>'setting' = c.setting ORDER BY p.id DESC LIMIT 1),
           i_decide_for(NULL),
           (SELECT coalesce(jsonb_agg(h ORDER BY h.id DESC), '[]') FROM (
                SELECT l.id, l.at, l.reason::jsonb->>'was' AS was, l.reason::jsonb->>'now' AS now,
                    full_name(b) AS by, full_name(s) AS second
                FROM ledger l LEFT JOIN person b ON b.id = l.person_id
                     LEFT JOIN proposal p ON p.uuid = (l.reason::jsonb->>'two')::uuid
                     LEFT JOIN person s ON s.id = p.decided_by_id
                WHERE l.event = 'setting' AND l.act = c.setting ORDER BY l.id DESC LIMIT 5) h)
    FROM setting_choices() c GROUP BY c.setting;
END $$;

-- The choice of each setting, for anyone. The public page about privacy says who can see what.
CREATE FUNCTION settings_published() RETURNS TABLE (setting text, choice text)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT c.setting, setting_now(c.setting) FROM setting_choices() c
        GROUP BY c.setting ORDER BY c.setting;
END $$;

GRANT EXECUTE ON FUNCTION access_settings_shown(), settings_published() TO app;
