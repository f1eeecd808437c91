"""Statements of test_no_oracle.py on tables and the catalog, generated from the live catalog."""

from collections.abc import Iterator

from tests.house.oracle import Call, Caller

RELATIONS = """SELECT c.oid::regclass::text, c.relkind::text, ARRAY(SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, NULL)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    FROM pg_class c WHERE c.relkind IN ('r', 'v', 'm', 'p', 'S') AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""
TOAST = "SELECT reltoastrelid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND reltoastrelid <> 0 ORDER BY 1"
# Comparisons that PostgreSQL runs before a costly condition, because their errors reveal nothing.
LEAKPROOF = {
    "integer": ("<= 20", "= 7"), "bigint": ("<= 20",), "smallint": ("= 1",), "date": ("<= '2015-03-08'", "= timezone('PST8PDT', now())::date"),
    "boolean": ("",),
    "text": ("= 'Kai'", "< 'N'"), "uuid": ("< '80000000-0000-0000-0000-000000000000'",), "timestamp with time zone": ("< now()",),
    "double precision": ("= 3",), "bytea": (r"< '\x80'",),
}  # fmt: skip
EVERY_WAY = """
    SELECT * FROM {t}; SELECT count(*) FROM {t}; SELECT ctid, tableoid FROM {t}; TABLE {t}; SELECT * FROM {t} FOR UPDATE;
    SELECT * FROM {t} TABLESAMPLE SYSTEM (100); SELECT currtid2('{t}', '(0,1)'); DECLARE c CURSOR FOR SELECT * FROM {t}; PREPARE p AS SELECT * FROM {t};
    COPY {t} TO STDOUT; COPY (SELECT * FROM {t}) TO STDOUT; COPY {t} FROM STDIN; INSERT INTO {t} DEFAULT VALUES; DELETE FROM {t}; TRUNCATE {t};
    LOCK TABLE {t} IN ACCESS SHARE MODE; LOCK TABLE {t} IN ACCESS EXCLUSIVE MODE NOWAIT; ANALYZE {t}; COMMENT ON TABLE {t} IS 'x';
    EXPLAIN SELECT * FROM {t}; EXPLAIN (ANALYZE, BUFFERS, WAL) SELECT * FROM {t}; EXPLAIN (GENERIC_PLAN) SELECT * FROM {t} WHERE $1 = 1;
    CREATE STATISTICS s ON (1), (2) FROM {t}; CREATE TEMP TABLE x AS TABLE {t}; CREATE VIEW x AS TABLE {t}; DO $$ BEGIN PERFORM FROM {t} - END $$;
    SELECT * FROM pg_stats WHERE schemaname = 'public' AND tablename = '{n}'; SELECT * FROM pg_stats_ext WHERE tablename = '{n}';
    SELECT row_security_active('{t}'); SELECT query_to_xml('TABLE {t}', true, false, ''); SELECT table_to_xml('{t}', true, false, '');
    SELECT has_table_privilege('{t}', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'), has_any_column_privilege('{t}', 'SELECT')"""
OF_A_SEQUENCE = """
    SELECT * FROM {t}; SELECT last_value FROM {t}; SELECT nextval('{t}'); SELECT currval('{t}'); SELECT setval('{t}', 1);
    SELECT pg_sequence_last_value('{t}'); SELECT pg_get_sequence_data('{t}'); SELECT last_value FROM pg_sequences WHERE sequencename = '{n}'"""
# Parts of the catalog about whole tables, the cluster or the session. They differ between any two databases.
WHOLE_TABLES = ("pg_stat_", "pg_statio_", "pg_locks", "pg_aios", "pg_shmem", "pg_backend_memory", "pg_database", "pg_cursors")
FIGURES = ("reltuples", "relpages", "relallvisible", "relallfrozen", "relfrozenxid", "relminmxid", "relhasindex")
CATALOGUE = """SELECT c.oid::regclass::text, ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)
    FROM pg_class c WHERE c.relkind IN ('r', 'v') AND c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY 1"""


def on_tables(caller: Caller) -> Iterator[Call]:
    for table, kind, columns in caller.connection.execute(RELATIONS).fetchall():
        for words in (OF_A_SEQUENCE if kind == "S" else EVERY_WAY).split(";"):
            statement = words.strip().format(t=table, n=table.strip('"')).replace(" - END", "; END")
            yield Call(statement, statement)
        for column, type_ in (each.split(" ", 1) for each in columns if kind != "S"):
            for comparison in LEAKPROOF.get(type_, ("IS NULL",)):
                statement = f"SELECT FROM {table} WHERE {column} {comparison}"
                yield Call(statement, statement)
                yield Call(f"EXPLAIN {statement}", f"EXPLAIN (ANALYZE) {statement}")
    for (table,) in caller.connection.execute(TOAST).fetchall():
        yield Call(table, f"SELECT * FROM {table}")


def on_catalogue(caller: Caller) -> Iterator[Call]:
    """Yields each relation of the catalog as one text."""
    for table, columns in caller.connection.execute(CATALOGUE).fetchall():
        if not table.startswith(WHOLE_TABLES):
            chosen = ", ".join(column for column in columns if table != "pg_class" or column not in FIGURES)
            yield Call(table, f"SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM (SELECT {chosen} FROM {table}) t")
