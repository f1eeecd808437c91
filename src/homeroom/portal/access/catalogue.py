"""The live database: who may do what to which table, and whether that matches the *.sql files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from homeroom.portal.access.protect import protect, serving

VERBS = {"SELECT": "read", "INSERT": "add", "UPDATE": "change", "DELETE": "remove", "EXECUTE": "call"}
# Grants on tables and columns, each with the policies that choose its rows. The queue's tables belong to the jobs process and are left out.
GRANTED = """
    SELECT c.relname::text, g.rolname::text, a.privilege_type, t.attname::text, g.rolbypassrls,
           coalesce((SELECT array_agg(p.polname || ' ('
                                      || pg_get_expr(coalesce(p.polqual, p.polwithcheck), p.polrelid) || ')'
                                      ORDER BY p.polname)
                     FROM pg_policy p
                     WHERE p.polrelid = c.oid AND g.oid = ANY (p.polroles) AND p.polcmd = v.command), '{}')
    FROM pg_class c
         CROSS JOIN LATERAL (SELECT NULL::name, c.relacl UNION ALL
                             SELECT attname, attacl FROM pg_attribute WHERE attrelid = c.oid) t (attname, acl)
         CROSS JOIN LATERAL aclexplode(t.acl) a
         JOIN pg_roles g ON g.oid = a.grantee
         LEFT JOIN (VALUES ('SELECT', 'r'), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd')) v (verb, command)
              ON v.verb = a.privilege_type
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND g.oid <> c.relowner
      AND NOT starts_with(c.relname::text, 'procrastinate_')
    ORDER BY 1, 2, 3, 4"""
CALLABLE = """
    SELECT p.oid::regprocedure::text, g.rolname::text, p.prosecdef
    FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a JOIN pg_roles g ON g.oid = a.grantee
    WHERE p.pronamespace = 'public'::regnamespace AND g.oid <> p.proowner
      AND NOT starts_with(p.proname::text, 'procrastinate_')
    ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True)
class Grant:
    """One login and one verb on one table, or one function that the login may call."""

    on: str
    login: str
    verb: str
    rows: str  # the names and conditions of the policies that choose the rows


def policy_table(connection: Connection[Any]) -> list[Grant]:
    """Lists everything that any login except the owner may do, from the live catalog."""
    lines = []
    for table, login, privilege, column, is_above, policies in connection.execute(GRANTED):
        rows = "every row: stands outside row security" if is_above else " or ".join(policies) or "no row: no policy"
        lines.append(Grant(f"{table}.{column}" if column else table, login, VERBS.get(privilege, privilege), rows))
    for function, login, is_definer in connection.execute(CALLABLE):
        eyes = "with the owner's eyes" if is_definer else "with its own eyes"
        lines.append(Grant(function, login, VERBS["EXECUTE"], eyes))
    return lines


# Things that protect() builds or removes, each as one line of text.
BUILT = {
    "policy": """
        SELECT format('%s on %s for %s to %s using (%s) check (%s)%s', polname, polrelid::regclass, polcmd,
                      (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END, ' ' ORDER BY r)
                       FROM unnest(polroles) r),
                      pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid),
                      CASE WHEN polpermissive THEN '' ELSE ' restrictive' END)
        FROM pg_policy""",
    "row security": """
        SELECT format('%s %s%s owned by %s', oid::regclass, CASE WHEN relrowsecurity THEN 'on' ELSE 'OFF' END,
                      CASE WHEN relforcerowsecurity THEN ' FORCED' ELSE '' END, pg_get_userbyid(relowner))
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')""",
    "grant": """
        SELECT format('%s on %s to %s', a.privilege_type, h.name,
                      CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END)
        FROM (SELECT oid::regclass::text, relacl, relowner FROM pg_class WHERE relnamespace = 'public'::regnamespace
              UNION ALL SELECT attrelid::regclass || '.' || attname, attacl, 0 FROM pg_attribute WHERE attrelid >= 16384
              UNION ALL SELECT oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)), proowner
                        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
              UNION ALL SELECT 'schema ' || nspname, nspacl, nspowner FROM pg_namespace WHERE nspname = 'public'
              UNION ALL SELECT 'things made later, ' || defaclobjtype::text, defaclacl, defaclrole FROM pg_default_acl
             ) h (name, acl, holder), aclexplode(h.acl) a
        WHERE a.grantee <> h.holder""",
    "function": """
        SELECT format('%s%s %s, %s, owned by %s, body %s', CASE WHEN prosecdef THEN 'definer ' ELSE '' END,
                      oid::regprocedure, provolatile, array_to_string(proconfig, ' '), pg_get_userbyid(proowner),
                      left(encode(sha256(convert_to(prosrc, 'UTF8')), 'hex'), 12))
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "view": """
        SELECT format('%s owned by %s: %s', oid::regclass, pg_get_userbyid(relowner), pg_get_viewdef(oid))
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'""",
    "trigger": """
        SELECT format('%s %s', tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger
        WHERE NOT tgisinternal
          AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)""",
}
# Things that protect() does not touch and that must not exist.
NEVER = {
    "stands above row security": """
        SELECT rolname FROM pg_roles WHERE rolname = ANY (%(serving)s)
           AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication
                OR (rolbypassrls AND rolname <> 'intake'))""",
    "is a member of another role": """
        SELECT pg_get_userbyid(member) || ' in ' || pg_get_userbyid(roleid)
        FROM pg_auth_members WHERE pg_get_userbyid(member) = ANY (%(serving)s)""",
    "may not be there at all": """
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('m', 'f')
        UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_'""",
    "belongs to a serving login": """
        SELECT oid::regclass::text FROM pg_class WHERE pg_get_userbyid(relowner) = ANY (%(serving)s)""",
    "may make things": """
        SELECT r || ' in ' || current_database() FROM unnest(%(serving)s::text[]) r
        WHERE has_database_privilege(r, current_database(), 'CREATE') OR has_schema_privilege(r, 'public', 'CREATE')
           OR (r <> 'intake' AND has_database_privilege(r, current_database(), 'TEMPORARY'))""",
}


def differences(owner: Connection[Any], settings: Mapping[str, Mapping[str, str]] | None = None) -> list[str]:
    """Lists where the database differs from what protect() would build from the files. Empty if it doesn't.

    It builds in a transaction that is rolled back, and pages wait about a second for it. `settings` are {login: {name: value}} as each login should have
    them. Raises psycopg.errors.LockNotAvailable after 10 s of open pages.
    """
    found: list[str] = []
    with owner.transaction(force_rollback=True):
        before = _built(owner)
        protect(owner)
        after = _built(owner)
    found += sorted(f"in no file: {line}" for line in before - after)
    found += sorted(f"missing: {line}" for line in after - before)
    for what, statement in NEVER.items():
        found += sorted(f"{name} {what}" for (name,) in owner.execute(statement, {"serving": serving(owner)}))
    return found + _odd_settings(owner, settings or {})


def _built(owner: Connection[Any]) -> set[str]:
    return {f"{kind} {line}" for kind, statement in BUILT.items() for (line,) in owner.execute(statement.encode())}


def _odd_settings(owner: Connection[Any], settings: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A login can run ALTER ROLE itself SET …. It gains nothing, and breaks its own pages until someone notices."""
    odd = []
    there = dict(owner.execute("SELECT rolname, coalesce(rolconfig, '{}') FROM pg_roles").fetchall())
    for login, expected in settings.items():
        has = dict(setting.split("=", 1) for setting in there.get(login, []))
        odd += [
            f"{login} has {name} = {has.get(name, 'nothing')}, not {expected.get(name, 'nothing')}"
            for name in sorted(has.keys() | expected.keys())
            if name != "search_path" and has.get(name) != expected.get(name)
        ]
    return odd
