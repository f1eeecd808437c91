-- Ends connections that work past their limits. Each login has limits as settings of its own
-- (processes/logins.py), and can raise them for itself. So the login `watcher` checks from outside.

-- Returns the login of each connection that it ended, and why.
CREATE FUNCTION end_overdue() RETURNS TABLE (login text, why text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT a.pid, l.login::text AS login, CASE
            WHEN a.state = 'active' AND clock_timestamp() - a.query_start > l.one_statement
                THEN 'statement'
            WHEN a.state LIKE 'idle in transaction%'
                AND clock_timestamp() - a.state_change > l.idle THEN 'idle in transaction'
            WHEN clock_timestamp() - a.xact_start > l.whole THEN 'transaction'
            END AS why
        FROM pg_stat_activity a JOIN limits_watched() l ON l.login = a.usename
        WHERE a.datname = current_database() AND a.backend_type = 'client backend'
    LOOP
        IF found.why IS NOT NULL AND pg_terminate_backend(found.pid) THEN
            PERFORM note_event('limit', 'ended', NULL, found.login || ' ' || found.why);
            end_overdue.login := found.login;
            end_overdue.why := found.why;
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;

-- The login is missing in a server of the operator's own that an older release set up.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'watcher') THEN
        GRANT EXECUTE ON FUNCTION end_overdue() TO watcher;
    END IF;
END $$;
