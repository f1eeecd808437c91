"""The texts of the pages that find a person and show one. Pure functions: rows in, text out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.membership.codes.pages import PersonRow, found_page, side_named
from homeroom.portal.membership.codes.queries import Addressee, FoundPerson
from homeroom.portal.membership.duties.pages import DutyLine
from homeroom.portal.membership.ties.pages import AccessLine
from homeroom.portal.membership.ties.queries import ListedStudent
from homeroom.portal.membership.two_people.administrator_queries import Office, Staff, StaffNamed
from homeroom.portal.wording import dates
from homeroom.portal.wording.levels import grade_level

type Detailed = tuple[str, str]  # a role and a detail


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`duties` has substitutions, too. `children` are the students that an adult has access to. `letters` are the roles the office prints codes for."""

    name: str
    is_student: bool
    is_staff: bool
    roles: list[Detailed]
    duties: list[DutyLine]
    children: list[AccessLine]
    letters: list[Detailed]


def found_people(found: Sequence[FoundPerson], staff: Sequence[Staff]) -> list[PersonRow]:
    """Returns the people that the office prints codes for, then staff for whom only the operator does, such as administrators."""
    schools = {each.uuid: each.schools for each in staff}
    rows = [PersonRow(row.person, row.name, _with(row.what, schools.get(row.person, ""))) for row in found_page(found)]
    listed = {row.person for row in rows}
    return rows + [PersonRow(each.uuid, each.name, _with(side_named("staff"), each.schools)) for each in staff if each.uuid not in listed]


def _with(what: str, schools: str) -> str:
    return f"{what}, {schools}" if schools else what


def roles_of(student: ListedStudent | None, staff: StaffNamed | None, offices: Sequence[Office], children: Sequence[AccessLine]) -> list[Detailed]:
    roles = []
    if student:
        roles.append((side_named("student"), ", ".join([*map(grade_level, student.grade_levels[:1]), student.school or _("No school now")])))
    if staff:
        roles.append((side_named("staff"), staff.schools))
    roles += [(_("Administrator"), _office(each)) for each in offices]
    if children:
        roles.append((_("Adult with access"), ngettext("%(n)s student", "%(n)s students", len(children)) % {"n": len(children)}))
    return roles


def _office(office: Office) -> str:
    return _("%(place)s, since %(day)s") % {"place": office.school or _("The whole district"), "day": dates.plain_day(office.since)}


def letters_of(found: Sequence[Addressee]) -> list[Detailed]:
    """Returns each role with the state of its account."""
    return [(side_named(each.side), _("No account yet") if each.is_asleep else _("Has an account")) for each in found]


def name_of(student: ListedStudent | None, staff: StaffNamed | None, letters: Sequence[Addressee]) -> str:
    """Returns "" for a person that the asker can't manage."""
    return next((each.name for each in (student, staff, *letters) if each), "")


def student_in(listed: Sequence[ListedStudent], person: UUID) -> ListedStudent | None:
    return next((each for each in listed if each.uuid == person), None)
