"""Who can see what, for administrators: every act that a room declares, and who reads each table with students' data, from the live catalog."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from homeroom.portal.access.policy import Act, Risk, acts, duties
from homeroom.portal.audit.lines import listed
from homeroom.portal.audit.policy_queries import Reading
from homeroom.portal.audit.policy_words import readers, tables


@dataclass(frozen=True, slots=True)
class Doable:
    what: str
    who: str
    risk: str
    opens: bool


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """`name` is the database's own, for comparison. `who` has one line per login that reads the table itself."""

    name: str
    words: str
    who: tuple[str, ...]


def acts_listed() -> list[Doable]:
    """Returns the acts, with those that open records first."""
    found = [Doable(str(act.words), who_may(act), risk_of(act.risk), act.risk is Risk.RECORD) for act in acts()]
    return sorted(found, key=lambda act: not act.opens)


def who_may(act: Act) -> str:
    sides = {"family": _("families"), "student": _("students"), "staff": _("staff")}
    given = {name: str(duty.many) for name, duty in duties().items()}
    offices = {"administrator": _("administrators"), "board second": _("the board’s approver")}
    words = listed([words for kind, words in {**sides, **given, **offices}.items() if kind in act.who])
    return words[:1].upper() + words[1:]


def risk_of(risk: Risk) -> str:
    return {
        Risk.RECORD: _("Opens records. Homeroom adds the view to the access log first."),
        Risk.NONE: _("Opens no record."),
        Risk.OFFICE: _("Office work. It opens no record."),
    }[risk]


def tables_listed(readings: Sequence[Reading]) -> list[PolicyTable]:
    return [PolicyTable(name, words, who_reads([reading for reading in readings if reading.table == name])) for name, words in tables().items()]


def who_reads(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Returns a line for each login that reads the table itself."""
    said = [f"{readers().get(reading.login, reading.login)}: {rows_of(reading)}" for reading in sorted(readings, key=lambda reading: reading.login)]
    return tuple(said) or (_("No one else."),)


def rows_of(reading: Reading) -> str:
    if reading.is_above:
        return _("every row.")
    return "; ".join(reading.rules) + "." if reading.rules else _("no row.")
