"""`homeroom incident lead`, and `homeroom portal contact`: whom to call."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json, show
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.incident.commands import incident
from homeroom.ops.portal.commands import Slug, portal

Name = Annotated[str, typer.Option(help="First and family name.")]
Phone = Annotated[str, typer.Option(help="A phone that is answered at all hours.")]
Email = Annotated[str, typer.Option(help="An email address outside the portals.")]


def add_to() -> None:
    """Adds the commands to `homeroom incident` and `homeroom portal`."""
    incident.command()(lead)
    portal.command("contact")(contact)


def lead(
    role: Annotated[str, typer.Argument(help="chief-executive, cto, it or support. Left out: the command shows all four.")] = "",
    name: Name = "",
    phone: Phone = "",
    email: Email = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Names one of the four leads who meet within 24 hours: the chief executive, the CTO, the IT lead and the support lead. Without
    --name it shows who is named.

    Example: homeroom incident lead cto --name "Ada Okafor" --phone "(555) 010-0140" --email ada@example.org
    """
    from homeroom.ops.incident import people

    installation = Installation.at(folder)
    if role:
        people.role_named(role)
    if role and (name or phone or email):
        people.name_lead(installation, role, people.CalledPerson(name, phone, email))
    known = {each: who for each, who in people.leads(installation).items() if each == role or not role}
    if as_json:
        say_json({each: who and asdict(who) for each, who in known.items()})
        return
    show("The operator's leads", ("role", "named"), [(people.ROLES[each], who or "no one yet") for each, who in known.items()])


def contact(
    slug: Slug,
    name: Name = "",
    phone: Phone = "",
    email: Email = "",
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Names the person in the district whom you call about an incident. Without options it shows who is named.

    Example: homeroom portal contact lincoln --name "Ruth Adler" --phone "(555) 010-0131" --email adler@lincoln.example
    """
    from homeroom.ops.incident import people

    installation = Installation.at(folder)
    installation.portal(slug)
    if name or phone or email:
        people.name_contact(installation, slug, people.CalledPerson(name, phone, email))
    found = people.contact_of(installation, slug)
    if as_json:
        say_json({"portal": slug, "contact": found and asdict(found)})
        return
    say(f"{slug}: {found}." if found else f"{slug} has no contact for incidents yet. Name one with --name, --phone and --email.")
