"""Who may read which table, as the database stands now: the statement of `homeroom portal policy`."""

from dataclasses import dataclass

from homeroom.portal.access.asking import rows
from homeroom.portal.access.catalogue import GRANTED


@dataclass(frozen=True, slots=True)
class Reading:
    """is_above: the login stands outside row security. rules: of the policies' names what follows the table and "read"."""

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
    """by_family, of `role_read_by_family (…)`."""
    return policy.partition(" ")[0].removeprefix(f"{table}_read_")
