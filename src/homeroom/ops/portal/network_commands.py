"""`homeroom portal proxy` and `homeroom portal networks`: which proxies tell the portal a visitor's address, and which networks are the district's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.installation import FolderOption, Installation
from homeroom.ops.portal.commands import Slug, portal
from homeroom.ops.portal.moving_commands import DryRun, next_step

Networks = Annotated[list[str] | None, typer.Option(help="An address or a network, such as 203.0.113.0/24. Repeat it for more.")]


def add_to() -> None:
    """Adds the commands to `homeroom portal`."""
    portal.command()(proxy)
    portal.command()(networks)


def proxy(
    slug: Slug,
    trust: Networks = None,
    nothing: Annotated[bool, typer.Option("--none", help="No proxy is in front of the portal.")] = False,
    protocol: Annotated[bool | None, typer.Option("--protocol/--header", help="The proxy uses the PROXY protocol, or the X-Forwarded-For header.")] = None,
    dry_run: DryRun = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Says which proxies in front of a portal tell it who asks. The portal counts wrong passwords by that address. Without it, all
    visitors have the proxy's address, and one visitor's wrong passwords slow everyone. Never trust an address that visitors come from.
    Without options it says what is set. A running portal needs a restart.

    Example: homeroom portal proxy lincoln --trust 127.0.0.1 --trust ::1
    """
    if trust and nothing:
        raise NotDone("Choose --trust or --none, not both.")
    words: dict[str, Any] = {"trusted_proxy": trust or []} if trust or nothing else {}
    if protocol is not None or nothing:
        words["proxy_protocol"] = bool(protocol) and not nothing
    answer = _changed(folder, slug, words, dry_run=dry_run)
    if as_json:
        say_json(answer)
        return
    kind = "the PROXY protocol" if answer["proxy_protocol"] else "the X-Forwarded-For header"
    told = f"{slug} trusts {', '.join(answer['trusted_proxy'])}, by {kind}." if answer["trusted_proxy"] else f"{slug} trusts no proxy."
    say(f"{told} {next_step(dry_run=dry_run, restart=answer['needs_restart'])}" if words else told)


def networks(
    slug: Slug,
    add: Networks = None,
    remove: Networks = None,
    dry_run: DryRun = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Lists a district's own networks, and adds or removes some. A whole school has one address there, so it may have ten times as many wrong
    passwords, and more connections. Without options it says what is set. A running portal needs a restart.

    Example: homeroom portal networks lincoln --add 203.0.113.0/24
    """
    from homeroom.ops.portal.networks import networks_of

    had = networks_of(Installation.at(folder).portal(slug))["school_networks"]
    if unknown := [each for each in remove or [] if each not in had]:
        raise NotDone(f"{unknown[0]} is not in the list. Nothing was changed.")
    words = {"school_networks": [each for each in [*had, *(add or [])] if each not in (remove or [])]} if add or remove else {}
    answer = _changed(folder, slug, words, dry_run=dry_run)
    if as_json:
        say_json(answer)
        return
    told = f"The district's networks: {', '.join(answer['school_networks'])}." if answer["school_networks"] else f"{slug} has no network of the district."
    say(f"{told} {next_step(dry_run=dry_run, restart=answer['needs_restart'])}" if words else told)


def _changed(folder: Path, slug: str, words: Mapping[str, Any], *, dry_run: bool) -> dict[str, Any]:
    from homeroom.ops.host.served import of_portal
    from homeroom.ops.portal.networks import change_networks

    installation = Installation.at(folder)
    answer = change_networks(installation, slug, words, dry_run=dry_run)
    return answer | {"needs_restart": bool(answer["is_done"]) and bool(of_portal(installation, slug).all)}
