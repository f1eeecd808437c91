"""Who may read which table in the database now, by the statement of `homeroom portal policy`."""

from dataclasses import dataclass

from homeroom.portal.access.asking import rows
from homeroom.portal.access.catalogue import GRANTED


@dataclass(frozen=True, slots=True)
class Reading:
    """`is_above`: row security doesn't apply to the login. `rules` are the policies' names after the table and "read"."""

    table: str
    login: str
    is_above: bool
    rules: tuple[str, ...]


def readings() -> list[Reading]:
    return [
        Reading(table, login, is_above, tuple(rule_of(table, policy) for policy in policies))
        for table, login, privilege, _column, is_above, policies in rows(GRANTED, {})
        if privilege == "SELECT"
    ]


def rule_of(table: str, policy: str) -> str:
    """Returns "by_family" for `role_read_by_family (…)`."""
    return policy.partition(" ")[0].removeprefix(f"{table}_read_")
