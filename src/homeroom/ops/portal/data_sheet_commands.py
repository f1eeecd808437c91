"""`homeroom portal data-sheet`: prints the document for the district's lawyer. `homeroom portal security-contact`: whom to tell of a security problem."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.people.commands import owning
from homeroom.ops.portal.commands import Slug, portal


def add_to() -> None:
    """Adds the commands to `homeroom portal`."""
    portal.command("data-sheet")(data_sheet)
    portal.command("security-contact")(security_contact)


def data_sheet(
    slug: Slug,
    out: Annotated[Path, typer.Option(help="The PDF to write.")] = Path("data-sheet.pdf"),
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Writes the data sheet of a portal as a PDF, for the district's lawyer: data map, retention, other companies that get data, who can
    see what, and security controls with their proofs. It comes from this version and the portal's settings of now. If one claim has no
    proof, the command names it and writes nothing.

    Example: homeroom portal data-sheet lincoln --out lincoln.pdf
    """
    with owning(folder, slug):
        claims, pdf = _made()
    try:
        out.write_bytes(pdf)
    except OSError as trouble:
        raise NotDone(f"{out} can't be written ({type(trouble).__name__}). Choose another place with --out.") from trouble
    if as_json:
        say_json({"portal": slug, "file": str(out), "claims": claims})
        return
    say(f"{out} has the data sheet of {slug}, with {claims} claims. Each has a proof.")


def _made() -> tuple[int, bytes]:
    """Returns the number of claims and the PDF. Raises NotDone."""
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone
    from django.utils.translation import override

    from homeroom.portal.data_sheet.live import CHOICES, READ_CHOICES
    from homeroom.portal.data_sheet.printing import LANGUAGE, printed_sheet
    from homeroom.portal.data_sheet.proving import Claimed, Unproven
    from homeroom.portal.data_sheet.sheet import data_sheet as sheet_of
    from homeroom.portal.letters.press import Unprintable

    with connection.cursor() as cursor, override(LANGUAGE):
        cursor.execute(READ_CHOICES)
        try:
            sheet = sheet_of(settings.PLACE, dict(zip(CHOICES, cursor.fetchone() or (), strict=False)), timezone.localdate(), is_public=False)
            claims = sum(isinstance(line, Claimed) for part in sheet.parts for line in part.lines)
            return claims, printed_sheet(sheet)
        except Unproven as unproven:
            raise NotDone(str(unproven)) from unproven
        except Unprintable as trouble:
            raise NotDone("The data sheet could not be typeset. Nothing was written.") from trouble


def security_contact(
    slug: Slug,
    email: Annotated[str, typer.Option(help="An email address that is read every day.")] = "",
    phone: Annotated[str, typer.Option(help="A phone number.")] = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Sets the email address and phone for reports of security problems. Both are public: everyone can read them on the portal's page
    about privacy and security. Without options it shows them. It takes effect right away.

    Example: homeroom portal security-contact lincoln --email security@lincoln.example --phone "(555) 010-0132"
    """
    from homeroom.ops.portal import security_contacts

    path = Installation.at(folder).portal(slug)
    if email or phone:
        security_contacts.choose(Installation.at(folder), slug, email, phone)
    found = security_contacts.chosen(path)
    if as_json:
        say_json({"portal": slug, "contact": found and asdict(found)})
        return
    say(f"{slug}: {found.email}, {found.phone}." if found else f"{slug} has no security contact yet. Set one with --email and --phone.")
