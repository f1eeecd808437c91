"""`homeroom portal rename` and `homeroom portal address`: give an existing portal another name or other ports."""

from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]


def add_to() -> None:
    """Adds the commands to `homeroom portal`."""
    portal.command()(rename)
    portal.command()(address)


def rename(
    slug: Slug,
    name: Annotated[str, typer.Argument(help="The district's new name, as families know it.")],
    dry_run: DryRun = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Gives the district another name on pages, in letters and in emails. The portal keeps its short name: the district's computers, the gateway,
    receipts, sealed backups and system users know it by that. Its certificates keep the old name until `homeroom portal cert --renew`,
    passkeys and authenticator apps until people add them again. A running portal needs a restart.

    Example: homeroom portal rename lincoln "Lincoln Valley Unified" --dry-run
    """
    from homeroom.ops.host.served import of_portal
    from homeroom.ops.portal.moving import rename as give_name

    installation = Installation.at(folder)
    answer = give_name(installation, slug, name, dry_run=dry_run)
    answer["needs_restart"] = answer["is_done"] and bool(of_portal(installation, slug).all)
    if as_json:
        say_json(answer)
        return
    after = next_step(dry_run=dry_run, restart=answer["needs_restart"])
    say(f"{slug} {'would be' if dry_run else 'is'} {answer['name']} instead of {answer['before']}. {after}")


def address(
    slug: Slug,
    port: Annotated[int | None, typer.Option(help="The port of its pages.", min=1, max=65535)] = None,
    inbox_port: Annotated[int | None, typer.Option(help="The port where the gateway delivers.", min=1, max=65535)] = None,
    listen: Annotated[str | None, typer.Option(help="The address to listen on; 0.0.0.0 for all.")] = None,
    dry_run: DryRun = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Shows on which ports and address a portal listens, and changes them. The gateway of this folder delivers to the new inbox right away; carry
    `homeroom portal cert --for-gateway` to a gateway on another host. A running portal keeps the old ports until a restart. If the command
    is interrupted, run it again.

    Example: homeroom portal address lincoln --port 8010 --inbox-port 8410 --dry-run
    """
    from homeroom.ops.host.served import of_portal
    from homeroom.ops.portal.moving import move_portal

    installation = Installation.at(folder)
    words = {key: value for key, value in (("port", port), ("inbox_port", inbox_port), ("listen", listen)) if value is not None}
    answer = move_portal(installation, slug, words, dry_run=dry_run)
    answer["needs_restart"] = answer["is_done"] and bool(of_portal(installation, slug).all)
    if as_json:
        say_json(answer)
        return
    would = "would listen" if words and dry_run else "listens"
    say(f"{slug} {would} on {answer['listen']}: pages on port {answer['port']}, its inbox on port {answer['inbox_port']}.")
    if words:
        say(next_step(dry_run=dry_run, restart=answer["needs_restart"]))


def next_step(*, dry_run: bool, restart: bool) -> str:
    if dry_run:
        return "Nothing was changed."
    return "Restart the portal: until then it goes on as it was." if restart else "It counts from the portal's next start."
