"""The bar for the person signed in, with only the pages that exist. A child's tab keeps the kind of page that is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.policy import may
from homeroom.portal.attendance.acts import READ_ABSENCES
from homeroom.portal.home.acts import FIND_STUDENTS

# A child's pages, and the kinds of data of which the access must include one. Otherwise the page doesn't exist.
SHOWS = {"/who-has-looked": ("ledger",), "/attendance": ("attendance",), "/earlier": ("grades", "attendance")}
SHAPES = 4  # colors and shapes of children. The fifth child starts again


@dataclass(frozen=True, slots=True)
class MenuLink:
    label: str
    path: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    initial: str
    shape: int
    path: str
    is_here: bool
    things: int  # number of things to check


@dataclass(frozen=True, slots=True)
class Bar:
    places: tuple[MenuLink, ...]
    tabs: tuple[Tab, ...]
    is_everyone: bool


def bar(actor: Actor, path: str, things: Mapping[UUID, int]) -> Bar:
    """`things` is the number of things to check by child, if the page knows it."""
    tabs = tabs_of(actor, path, things) if actor.side == "family" and len(actor.children) > 1 else ()
    return Bar(marked(places_of(actor, path), path), tabs, is_everyone=path == "/")


def bar_of_door(path: str) -> Bar:
    """Returns the bar for the door's pages, which know no name, no office and no child."""
    return Bar(marked([(_("Home"), "/"), (_("Account"), "/account")], path), (), is_everyone=False)


def marked(places: Sequence[tuple[str, str]], path: str) -> tuple[MenuLink, ...]:
    here = here_among([place for _label, place in places], path)
    return tuple(MenuLink(label, place, place == here) for label, place in places)


def places_of(actor: Actor, path: str) -> list[tuple[str, str]]:
    if "board second" in actor.duties:
        return [(_("Second approvals"), "/office/two-people"), (_("Account"), "/account")]
    places = []
    if actor.side in ("family", "student"):
        places.append((_("Home"), "/"))
        shown = [child for child in actor.children if child.shows("ledger")]
        if shown:
            child = next((c for c in shown if str(c.uuid) in path), shown[0])
            places.append((_("Access log"), f"/children/{child.uuid}/who-has-looked"))
        places.append((_("News"), "/news"))
    if actor.side == "staff":
        places += places_of_school(actor)
        if "substitute" in actor.duties:
            places.append((_("Substitute"), "/substitute"))
        if actor.is_administrator and actor.restored and not actor.restored.is_confirmed:
            places.insert(0, (_("Restoration"), "/office/restoration"))
        if actor.is_administrator:
            places += [(_("Approvals"), "/office/approvals"), (_("People"), "/people")]
        elif "registrar" in actor.duties:
            places += [(_("Approvals"), "/office/approvals"), (_("Codes"), "/office/codes")]
        elif "principal" in actor.duties:
            places.append((_("Approvals"), "/office/approvals"))
        if not actor.is_administrator:
            places += [(_("Affected people"), "/office/affected")] if "data release" in actor.duties else []
            places.append((_("News"), "/news"))
        else:
            places += [(_("Challenges"), "/office/challenges"), (pgettext("in the bar", "Imports"), "/imports")]
            places += [(pgettext("in the bar", "Second approvals"), "/office/two-people"), (_("Settings"), "/settings")]
    return [*places, (_("Account"), "/account")]


def places_of_school(actor: Actor) -> list[tuple[str, str]]:
    """Returns the pages of teachers, and of duties that open the records of a school."""
    is_over_school = may(FIND_STUDENTS, actor.kinds)
    places = [(_("Students"), "/students"), (_("Classes"), "/classes")] if is_over_school else [(_("My classes"), "/classes")]
    return [*places, (_("Absences"), "/absences")] if may(READ_ABSENCES, actor.kinds) else places


def here_among(places: list[str], path: str) -> str | None:
    """Returns the longest place that is the path or contains it. Home contains only itself."""
    within = [place for place in places if path == place or (place != "/" and path.startswith(place + "/"))]
    return max(within, key=len, default=None)


def tabs_of(actor: Actor, path: str, things: Mapping[UUID, int]) -> tuple[Tab, ...]:
    kind = next((kind for kind in SHOWS if path.endswith(kind)), "")
    return tuple(
        Tab(
            name=child.first_name,
            initial=child.first_name[:1].upper(),
            shape=shape_of(number),
            path=f"/children/{child.uuid}{kind if any(map(child.shows, SHOWS.get(kind, ()))) else ''}",
            is_here=str(child.uuid) in path,
            things=things.get(child.uuid, 0),
        )
        for number, child in enumerate(actor.children)
    )


def shape_of(number: int) -> int:
    """Returns 1 to 4, by the child's place in the family's list."""
    return number % SHAPES + 1
