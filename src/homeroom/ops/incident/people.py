"""Whom to call: the operator's four leads in homeroom.toml, and each district's contact in its portal.toml. `homeroom doctor` names who is missing."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation, making, write_toml
from homeroom.ops.portal.moving import changed, write_words
from homeroom.portal.place import Place, PlaceOdd

ROLES = {"chief-executive": "chief executive", "cto": "CTO", "it": "IT lead", "support": "support lead"}
DISTRICT = "district"  # stands for the contact of the clock's district
CONTACT = "incident_contact"  # in portal.toml
PHONE = re.compile(r"[0-9()+./x -]{7,40}")
EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,190}\.[^@\s<>\".]{2,}")

CALLED = {
    "leads met": tuple(ROLES),
    "district notified": ("support", DISTRICT),
    "police notified": ("chief-executive", DISTRICT),
    "users notified": ("support", DISTRICT),
    "portal notice": ("it", DISTRICT),
    "website notice": ("it", "support"),
    "resolved": ("cto", "it"),
    "residents notified": ("support", DISTRICT),
    "attorney general": ("chief-executive", DISTRICT),
    "cal-csic": ("chief-executive", DISTRICT),
    "second notice": ("support", DISTRICT),
}


@dataclass(frozen=True, slots=True)
class CalledPerson:
    name: str
    phone: str
    email: str

    def __str__(self) -> str:
        return f"{self.name}, {self.phone}, {self.email}"


def leads(installation: Installation) -> dict[str, CalledPerson | None]:
    """Returns the lead of each role. None means that none is named, or that the file can't be read: a diary must open then, too."""
    try:
        words = installation.words
    except (NotDone, OSError):
        words = {}
    return {role: contact_in(words.get(key_of(role))) for role in ROLES}


def contact_of(installation: Installation, slug: str) -> CalledPerson | None:
    """Returns the district's contact, or None. Reads one file, so the portal may be stopped or damaged."""
    try:
        return contact_in(tomllib.loads((installation.folder / "portals" / slug / "portal.toml").read_text()).get(CONTACT))
    except (OSError, ValueError):
        return None


def phones(installation: Installation, slugs: Sequence[str]) -> dict[str, str]:
    """Returns the phones that the portals' public pages show, as far as they can be read."""
    found = {}
    for slug in slugs:
        try:
            found[slug] = Place.read(installation.folder / "portals" / slug).phone
        except (PlaceOdd, OSError):
            continue
    return found


def names(installation: Installation, slugs: Sequence[str]) -> list[str]:
    """Returns the names of leads and contacts."""
    named = [*leads(installation).values(), *(contact_of(installation, slug) for slug in slugs)]
    return [each.name for each in named if each]


def contact_in(value: object) -> CalledPerson | None:
    """Returns None for anything but a name, a phone and an email."""
    if isinstance(value, list) and len(value) == 3 and all(isinstance(each, str) and each.strip() for each in value):
        return CalledPerson(*value)
    return None


def key_of(role: str) -> str:
    return f"lead_{role.replace('-', '_')}"


def name_lead(installation: Installation, role: str, contact: CalledPerson) -> None:
    """Raises NotDone."""
    path = installation.folder / "homeroom.toml"
    words = {key_of(role): list(asdict(checked(contact)).values())}
    with making(installation.folder, is_alone=True):
        write_toml(path, changed(path.read_text(), words))


def name_contact(installation: Installation, slug: str, contact: CalledPerson) -> None:
    """Raises NotDone."""
    portal = installation.portal(slug)
    words = {CONTACT: list(asdict(checked(contact)).values())}
    with making(installation.folder, is_alone=True):
        write_words(portal, words)


def checked(contact: CalledPerson) -> CalledPerson:
    """Raises NotDone."""
    found = CalledPerson(*(" ".join(each.split()) for each in asdict(contact).values()))
    if not 1 <= len(found.name) <= 120 or not found.name.isprintable():
        raise NotDone("Write the name in 1 to 120 characters, with --name.")
    if not PHONE.fullmatch(found.phone):
        raise NotDone("Write a phone number that someone answers at all hours, with --phone, such as (555) 010-0130.")
    if not EMAIL.fullmatch(found.email) or not found.email.isprintable():
        raise NotDone("Write an email address with --email, such as ada@example.org.")
    return found


def role_named(text: str) -> str:
    """Raises NotDone."""
    if text not in ROLES:
        raise NotDone(f"{text!r} is no role of a lead. Choose {', '.join(ROLES)}.")
    return text


def called_for(installation: Installation, clock: str, portal: str) -> list[tuple[str, CalledPerson | None]]:
    """Returns whom to call for this clock: each role in words, with the person or None."""
    known = leads(installation)
    found: list[tuple[str, CalledPerson | None]] = []
    for role in CALLED[clock]:
        if role != DISTRICT:
            found.append((ROLES[role], known[role]))
        elif portal:
            found.append((f"contact of {portal}", contact_of(installation, portal)))
    return found
