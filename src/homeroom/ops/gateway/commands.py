"""The commands of `homeroom sender` and `homeroom gateway`: the import server and the computers that send to it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from homeroom.ops.answers import AsJson, NotDone, err, say, say_json, serves, show
from homeroom.ops.host.installation import FolderOption, Installation

sender = typer.Typer(no_args_is_help=True, help="Who may send files to the gateway, and for which portals.")
gateway = typer.Typer(no_args_is_help=True, help="The gateway: the only host that districts' files reach.")
Name = Annotated[str, typer.Argument(help="The sender's short name, such as lincoln-sis.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(sender, name="sender")
    app.add_typer(gateway, name="gateway")


@sender.command()
def add(
    name: Name,
    ssh_key: Annotated[Path, typer.Option(help="The file with the sender's SSH public key, such as id_ed25519.pub.")],
    sign_key: Annotated[
        Path, typer.Option(help="The file with the certificate that signs its exports, from gpg --export.")
    ],
    portal: Annotated[str, typer.Option(help="The portal it sends for.")],
    expires: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which this ends.")] = None,
    same_computer: Annotated[bool, typer.Option("--same-computer", help="Another sender has this SSH key: one computer sends for both.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Lets a district's computer send: its SSH key opens the gateway, its signing key is believed by the portal.

    Example: homeroom sender add lincoln-sis --ssh-key id_ed25519.pub --sign-key lincoln.asc --portal lincoln
    """
    from homeroom.ops.gateway.senders import add_sender

    until = expires.replace(tzinfo=UTC) if expires else None
    answer = add_sender(Installation.at(folder), name, _text(ssh_key), _text(sign_key), portal, until, is_same_computer=same_computer)
    if as_json:
        say_json(answer)
        return
    say(f"{name} may send for {portal}. Its exports must be signed by {answer['signer']}.")
    say(f"It sends to: sftp -P {answer['sftp_port']} {name}@{answer['sftp_host']}")
    say(f"The gateway's host key, for its known_hosts: {answer['host_key']}")


@sender.command("list")
def list_senders(folder: FolderOption = Path(), as_json: AsJson = False) -> None:
    """Shows every sender, its portals, whether it may still send, and until when each portal believes its signature.

    Example: homeroom sender list
    """
    from homeroom.ops.gateway.senders import listed
    from homeroom.ops.step_bar import Steps

    with Steps("reading signing keys") as tell:
        entries = listed(Installation.at(folder), datetime.now(UTC), tell)
    if as_json:
        say_json(entries)
        return
    rows = [(each["name"], each["portals"], each["state"], each["expires"] or "never", _ends(each["keys"])) for each in entries]
    show("Senders", ("name", "portals", "state", "expires", "signing key ends"), rows)


def _ends(keys: list[dict[str, str | None]]) -> str:
    """Returns when the sender's last key ends, for each portal in this folder."""
    last = {each["portal"]: each["ends"] or "never" for each in reversed(keys) if each["state"] != "revoked"}
    return ", ".join(f"{portal}: {end}" for portal, end in sorted(last.items())) or "not known here"


@sender.command()
def renew(
    name: Name,
    sign_key: Annotated[Path, typer.Option(help="The file with the new signing certificate, or the old one with a later end.")],
    portal: Annotated[str, typer.Option(help="The portal it sends for.")],
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Lets a sender sign with a new key, or with its old one for longer. Its other keys go on until their end.

    Example: homeroom sender renew lincoln-sis --sign-key signing.asc --portal lincoln
    """
    from homeroom.ops.gateway.senders import renew_signer

    key = renew_signer(Installation.at(folder), name, _text(sign_key), portal)
    ends = key.ends and key.ends.date().isoformat()
    if as_json:
        say_json({"name": name, "portal": portal, "signer": key.fingerprint, "ends": ends})
        return
    say(f"{portal} believes {key.fingerprint} of {name} until {ends or 'you revoke it'}.")


@sender.command()
def revoke(name: Name, folder: FolderOption = Path()) -> None:
    """Stops a sender immediately: cuts open connections, removes waiting files, and rejects its signature from then on.

    Example: homeroom sender revoke lincoln-sis
    """
    from homeroom.ops.gateway.senders import revoke_sender

    others = revoke_sender(Installation.at(folder), name)
    say(f"{name} may no longer send.")
    if others:
        say(f"The same computer still sends as {', '.join(others)}. If it is lost, revoke these, too.")


@gateway.command()
@serves
def run(folder: FolderOption = Path()) -> None:
    """Runs the gateway until Ctrl-C or SIGTERM.

    Example: homeroom gateway run
    """
    from homeroom.gateway.settings import NOBODY_OUTSIDE
    from homeroom.ops.gateway.process import check_gateway_free, run_gateway
    from homeroom.ops.host.mounts import open_way

    installation = Installation.at(folder)
    open_way(installation.folder)
    settings = check_gateway_free(installation)
    if settings.is_closed:
        err.print(NOBODY_OUTSIDE.format(bound=settings.bound), markup=False)
    run_gateway(installation, tell=lambda line: err.print(line, markup=False))


@gateway.command()
def address(
    host: Annotated[str | None, typer.Option(help="The name or address that districts send to.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port.", min=1, max=65535)] = None,
    listen: Annotated[str | None, typer.Option(help="The address that the gateway binds; 0.0.0.0 for all.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Shows which name the gateway announces and which address it binds, and changes them. They differ behind NAT or in a cloud. A running
    gateway keeps the old ones until it is started again.

    Example: homeroom gateway address --host import.example.org --listen 0.0.0.0
    """
    from homeroom.gateway.settings import NOBODY_OUTSIDE
    from homeroom.ops.portal.moving import move_gateway

    settings = move_gateway(Installation.at(folder), {"sftp_host": host, "sftp_port": port, "listen": listen}, dry_run=dry_run)
    if as_json:
        say_json({"host": settings.sftp_host, "port": settings.sftp_port, "listen": settings.bound, "is_closed": settings.is_closed})
        return
    send, listens = ("would send", "would listen") if dry_run else ("send", "listens")
    say(f"Districts {send} to {settings.sftp_host}, port {settings.sftp_port}. The gateway {listens} on {settings.bound}.")
    if settings.is_closed:
        say(NOBODY_OUTSIDE.format(bound=settings.bound))
    if dry_run:
        say("Nothing was changed.")


@gateway.command()
def cert(folder: FolderOption = Path()) -> None:
    """Prints the certificate by which portals on other hosts know this gateway.

    Example: homeroom gateway cert > gateway.pem
    """
    from homeroom.gateway.pins import certificate_in
    from homeroom.ops.host.new import CLIENT

    sys.stdout.write(certificate_in(Installation.at(folder).gateway / CLIENT))


@gateway.command("host-key")
def host_key(folder: FolderOption = Path()) -> None:
    """Prints the gateway's address and SSH host key, a line for a district's known_hosts and for `homeroom pin`.

    Example: homeroom gateway host-key
    """
    from homeroom.ops.gateway.senders import known_hosts_line

    say(known_hosts_line(Installation.at(folder)))


@gateway.command("add-portal")
def add_portal(
    entry: Annotated[Path, typer.Argument(help="What `homeroom portal cert SLUG --for-gateway` printed.")],
    folder: FolderOption = Path(),
) -> None:
    """Tells a gateway of a portal on another host, or of a portal's new certificate.

    Example: homeroom gateway add-portal lincoln.json
    """
    from homeroom.gateway.book import Portal
    from homeroom.gateway.register import add_portal as write_down

    try:
        portal = Portal(**json.loads(_text(entry)))
    except (TypeError, ValueError) as odd:
        raise NotDone(f"{entry} is not what `homeroom portal cert SLUG --for-gateway` prints.") from odd
    write_down(Installation.at(folder).gateway, portal)
    say(f"The gateway knows {portal.slug}.")


@gateway.command("remove-portal")
def remove_portal(
    slug: Annotated[str, typer.Argument(help="The portal's short name.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; change nothing.")] = False,
    folder: FolderOption = Path(),
    as_json: AsJson = False,
) -> None:
    """Takes a portal of another host out of this gateway's book. Senders that send for no other portal go with it, and so do their receipts.
    `homeroom portal remove` does this by itself where portal and gateway share a folder.

    Example: homeroom gateway remove-portal lincoln --dry-run
    """
    from homeroom.gateway.book import read_portals
    from homeroom.gateway.register import forget_portal, senders_for

    gateway = Installation.at(folder).gateway
    if slug not in (known := read_portals(gateway)):
        raise NotDone(f"The gateway knows no portal {slug!r}; it knows: {', '.join(known) or 'none'}.")
    gone, narrowed = senders_for(gateway, slug)
    if not dry_run:
        forget_portal(gateway, slug)
    if as_json:
        say_json({"portal": slug, "is_done": not dry_run, "senders_gone": gone, "senders_left": narrowed})
        return
    say(f"Senders that {'would go' if dry_run else 'went'} with {slug}: {', '.join(gone) or 'none'}. Senders that stay: {', '.join(narrowed) or 'none'}.")


def _text(path: Path) -> str:
    """Raises NotDone."""
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return path.read_bytes().decode("latin-1")  # a binary certificate, which senders.certificate_of() turns back into bytes
    except OSError as missing:
        raise NotDone(f"{path} cannot be read: {missing.strerror}.") from missing
