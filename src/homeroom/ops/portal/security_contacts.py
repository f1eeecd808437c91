"""The security contact of a portal: an email address and a phone in portal.toml, which are public."""

import tomllib
from pathlib import Path

from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation, making
from homeroom.ops.portal.moving import write_words
from homeroom.portal.data_sheet.yearly import CONTACT, SecurityContact, contact_in


def chosen(portal: Path) -> SecurityContact | None:
    """Returns None if none is set, or if the file can't be read."""
    try:
        return contact_in(tomllib.loads((portal / "portal.toml").read_text()))
    except (OSError, ValueError):
        return None


def choose(installation: Installation, slug: str, email: str, phone: str) -> None:
    """Raises NotDone."""
    portal, words = installation.portal(slug), [" ".join(email.split()), " ".join(phone.split())]
    if contact_in({CONTACT: words}) is None:
        raise NotDone("Write an email address with --email and a phone number with --phone, such as security@lincoln.example and (555) 010-0132.")
    with making(installation.folder, is_alone=True):
        write_words(portal, {CONTACT: words})
