"""Finds students' agents. users.csv links student and agent in either direction, and the roles say who is the student."""

from homeroom.formats.oneroster import FAMILY_ROLES
from homeroom.judging.shapes import AGENT, PERSON
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.reading.files import Staged, Staging
from homeroom.portal.intake.reading.leaving import find_going
from homeroom.portal.intake.reading.roles import TonightRoles, make_tonight_roles

# People whom the file names without giving them a row: refused ones and, in a delta, all unchanged ones.
LEFT = f"t.sourced_id IN (SELECT key FROM {PERSON.left})"
NAMED = f"""t.sourced_id IN (SELECT u.id FROM {PERSON.stage} s, unnest(s.agents) AS u (id))
    AND NOT EXISTS (SELECT FROM {PERSON.stage} s WHERE s.key = t.sourced_id)
    AND NOT EXISTS (SELECT FROM {PERSON.going} g WHERE g.id = t.id)"""


def settle(sql: Staging, people: Staged) -> Staged:
    """Stages the links, once the roles are known. `people` is users.csv."""
    links = Staged(AGENT, people.table, "agents", is_same=people.is_same, is_delta=people.is_delta)
    if links.is_same:
        sql.findings.read[links.file] = sql.number(f"SELECT count(*) FROM contact t WHERE ended_at IS NULL AND {AGENT.own}")
        return links
    _stage(sql, make_tonight_roles(sql), NAMED if links.is_delta else LEFT)
    if links.is_delta:
        _find_gone(sql)
    find_going(sql, links)
    sql.findings.read[links.file] = sql.findings.read[people.file]
    return links


def _stage(sql: ImportSql, roles: TonightRoles, others: str) -> None:
    family = ", ".join(f"'{role}'" for role in FAMILY_ROLES)
    sql.run(
        f"""INSERT INTO {AGENT.stage} (line, key, relationship, kind, student, person)
            SELECT DISTINCT ON (student, agent) line, 'agent|' || student || '|' || agent, coalesce(f.role, ''),
                'agent', student, agent
            FROM (SELECT s.line, CASE WHEN s.is_student THEN s.key ELSE a.key END,
                    CASE WHEN s.is_student THEN a.key ELSE s.key END
                  FROM {PERSON.stage} s, unnest(s.agents) AS u (id)
                    JOIN (SELECT key, is_student FROM {PERSON.stage} UNION ALL
                          SELECT t.sourced_id, EXISTS (SELECT FROM {roles.table} r WHERE r.person = t.sourced_id AND r.role = 'student')
                          FROM person t WHERE t.ended_at IS NULL AND {others}) a ON a.key = u.id
                  WHERE s.is_student OR a.is_student) AS link (line, student, agent)
                LEFT JOIN (SELECT person, min(role) AS role FROM {roles.table} WHERE role IN ({family})
                           GROUP BY person) f ON f.person = agent
            ORDER BY student, agent, line"""
    )
    sql.run(f"ANALYZE {AGENT.stage}")
    sql.run(  # a row that could not be read may name anyone, so its person's links stay
        f"""INSERT INTO {AGENT.left} SELECT t.sourced_id FROM contact t
            JOIN person s ON s.id = t.student_id JOIN person a ON a.id = t.person_id
            WHERE t.ended_at IS NULL AND {AGENT.own}
                AND (s.sourced_id IN (SELECT key FROM {PERSON.left}) OR a.sourced_id IN (SELECT key FROM {PERSON.left}))"""
    )


def _find_gone(sql: ImportSql) -> None:
    """Finds links that end. A delta's row that lists any agents lists all of them. A row that lists none ends nothing, because its
    system may link the two in the other direction. People who end have no links."""
    sql.run(
        f"""INSERT INTO {AGENT.gone} SELECT t.sourced_id
            FROM contact t JOIN person n ON n.id = t.student_id JOIN person a ON a.id = t.person_id
                LEFT JOIN {PERSON.stage} s ON s.key = n.sourced_id LEFT JOIN {PERSON.stage} o ON o.key = a.sourced_id
            WHERE t.kind = 'agent' AND t.ended_at IS NULL
                AND (cardinality(s.agents) > 0 AND a.sourced_id <> ALL (s.agents)
                    OR cardinality(o.agents) > 0 AND n.sourced_id <> ALL (o.agents)
                    OR EXISTS (SELECT FROM {PERSON.going} g WHERE g.id IN (n.id, a.id)))"""
    )
    sql.run(f"ANALYZE {AGENT.gone}")
