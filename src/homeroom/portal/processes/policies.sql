-- The queue belongs to the jobs process. app will get one enqueue() function for a closed list of
-- kinds when a page first needs one.
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT oid::regclass AS name, relname FROM pg_class
        WHERE relkind IN ('r', 'p') AND relname LIKE 'procrastinate\_%'
          AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO jobs', found.name);
        EXECUTE format('CREATE POLICY %I ON %s FOR SELECT TO jobs USING (true)',
            found.relname || '_read_by_jobs', found.name);
        EXECUTE format('CREATE POLICY %I ON %s FOR INSERT TO jobs WITH CHECK (true)',
            found.relname || '_add_by_jobs', found.name);
        EXECUTE format('CREATE POLICY %I ON %s FOR UPDATE TO jobs USING (true) WITH CHECK (true)',
            found.relname || '_change_by_jobs', found.name);
        EXECUTE format('CREATE POLICY %I ON %s FOR DELETE TO jobs USING (true)',
            found.relname || '_remove_by_jobs', found.name);
    END LOOP;
    FOR found IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'S' AND relname LIKE 'procrastinate\_%'
          AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %s TO jobs', found.name);
    END LOOP;
    FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate\_%' AND pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO jobs', found.name);
    END LOOP;
END $$;
