"""Who may read and write what, read from the live catalogue and from nothing else."""

from typing import Any

import psycopg

GRANTS = """
    SELECT g.table_name, g.grantee, g.privilege_type,
           coalesce((SELECT array_agg(p.policyname::text ORDER BY p.policyname) FROM pg_policies p
                     WHERE p.schemaname = 'public' AND p.tablename = g.table_name
                       AND p.cmd IN (g.privilege_type, 'ALL') AND g.grantee = ANY (p.roles)), ARRAY[]::text[]),
           (SELECT rolbypassrls FROM pg_roles r WHERE r.rolname = g.grantee)
    FROM information_schema.role_table_grants g
    WHERE g.table_schema = 'public' AND g.grantee <> 'owner' ORDER BY 1, 2, 3"""
COLUMN_GRANTS = """
    SELECT c.table_name, c.grantee, c.privilege_type, array_agg(c.column_name::text ORDER BY c.column_name)
    FROM information_schema.column_privileges c
    WHERE c.table_schema = 'public' AND c.grantee <> 'owner' AND NOT EXISTS (
        SELECT FROM information_schema.role_table_grants g
        WHERE (g.table_schema, g.table_name, g.grantee, g.privilege_type)
            = (c.table_schema, c.table_name, c.grantee, c.privilege_type))
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
FUNCTIONS = """
    SELECT p.oid::regprocedure::text, r.rolname FROM pg_proc p, pg_roles r
    WHERE p.pronamespace = 'public'::regnamespace AND r.rolname IN ('app', 'door', 'intake', 'jobs', 'sealer')
      AND p.proname NOT LIKE 'procrastinate%' AND has_function_privilege(r.oid, p.oid, 'EXECUTE') ORDER BY 1, 2"""


def rights_of(connection: psycopg.Connection[Any]) -> list[dict[str, str]]:
    """One line a table or function, login and verb; rows: the policies that choose them."""
    lines = []
    for table, login, verb, policies, bypasses in connection.execute(GRANTS):
        rows = "all (stands outside row security)" if bypasses else ", ".join(policies) or "none"
        lines.append({"table": table, "login": login, "may": verb.lower(), "rows": rows})
    for table, login, verb, columns in connection.execute(COLUMN_GRANTS):
        lines.append({"table": table, "login": login, "may": verb.lower(), "rows": f"columns {', '.join(columns)}"})
    for function, login in connection.execute(FUNCTIONS):
        lines.append({"table": function, "login": login, "may": "call", "rows": ""})
    return lines
