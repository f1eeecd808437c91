"""`homeroom host harden`: checks the host, and writes a firewall and a tunnel for it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from homeroom.ops.answers import AsJson, NotDone, say, say_json
from homeroom.ops.host.commands import host
from homeroom.ops.host.installation import FolderOption, Installation

PORTS: dict[str, Any] = {"min": 1, "max": 65535}
Sure = Annotated[bool, typer.Option("--yes", help="Write rules that may lock this session out.")]


def add_to() -> None:
    """Adds the command to `homeroom host`."""
    host.command()(harden)


def harden(
    check: Annotated[bool, typer.Option("--check", help="Read this computer's settings and say what to do. Changes nothing.")] = False,
    firewall: Annotated[bool, typer.Option("--firewall", help="Write nftables rules into a file. They take effect when you load them.")] = False,
    wireguard: Annotated[str, typer.Option("--wireguard", metavar="NAME", help="Make a WireGuard tunnel for a computer, such as operator or vault.")] = "",
    operators: Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="An address or a network that may use SSH. Repeat it for more.")] = None,
    vault: Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="The vault's address. It may use SSH, or the ports of --vault-port.")] = None,
    vault_port: Annotated[list[int] | None, typer.Option(help="The port of a backup store on this computer.", **PORTS)] = None,
    gateway: Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="The address of a gateway on another host, for inboxes.")] = None,
    also_open: Annotated[list[int] | None, typer.Option("--open", help="One more port for everyone.", **PORTS)] = None,
    wireguard_port: Annotated[int | None, typer.Option(help="The tunnel's UDP port. Left out: 51820, once there is a tunnel.", **PORTS)] = None,
    endpoint: Annotated[str, typer.Option(metavar="HOST", help="With --wireguard: the name or address at which others reach this computer.")] = "",
    into: Annotated[Path | None, typer.Option(help="With --firewall: the file. Left out: firewall.nft in the folder.", dir_okay=False)] = None,
    yes: Sure = False, folder: FolderOption = Path(), as_json: AsJson = False,
) -> None:  # fmt: skip
    """Reads how well this computer is protected around Homeroom (--check), or writes firewall rules (--firewall) or a tunnel (--wireguard).
    It changes no setting of this computer. It says which commands put the files into effect.
    Exit code of --check 0: all is well or only needs care soon; 1: something must be done now.

    Example: homeroom host harden --check
    """
    installation = Installation.at(folder)
    if [check, firewall, bool(wireguard)].count(True) != 1:
        raise NotDone("Choose one of --check, --firewall and --wireguard NAME.")
    if check:
        _check(installation, as_json=as_json)
    elif wireguard:
        _wireguard(installation, wireguard, endpoint, wireguard_port, as_json=as_json)
    else:
        options = {"operators": operators, "vault": vault, "gateway": gateway, "vault_ports": vault_port, "more": also_open, "tunnel": wireguard_port}
        _firewall(installation, options, into, yes=yes, as_json=as_json)


def _check(installation: Installation, *, as_json: bool) -> None:
    from homeroom.ops.doctor.examination import shown
    from homeroom.ops.hardening.check import WORDS, check
    from homeroom.ops.step_bar import Steps

    with Steps("Reading") as steps:
        findings = check(installation, steps)
    if as_json:
        say_json([finding._asdict() for finding in findings])
    else:
        shown(findings, "Homeroom's host", WORDS)
    raise typer.Exit(code=1 if any(finding.state == "bad" for finding in findings) else 0)


def _wireguard(installation: Installation, name: str, endpoint: str, port: int | None, *, as_json: bool) -> None:
    from homeroom.ops.hardening.wireguard import INTERFACE, PORT, add, first

    made = add(installation, name, endpoint, port or PORT)
    if as_json:
        say_json({"server": str(made.server), "peer": str(made.peer), "port": made.port, "is_new": made.is_new})
        return
    if not made.is_new:
        say(f"The tunnel has {name} already. For a new key, take its part out of {made.server}, remove {made.peer}, and run this again.")
        return
    say(f"{made.peer} has a private key for the computer {name}. Carry it there safely as /etc/wireguard/{INTERFACE}.conf, and delete it here.")
    say(f"On this computer, with Debian's package wireguard: ln -s {made.server} /etc/wireguard/, then systemctl enable --now wg-quick@{INTERFACE}")
    say(f"If the tunnel runs already: systemctl restart wg-quick@{INTERFACE}. SSH goes to {first()} then.")
    say("Now write the firewall again: homeroom host harden --firewall")


def _firewall(installation: Installation, options: dict[str, Any], into: Path | None, *, yes: bool, as_json: bool) -> None:
    from homeroom.ops.hardening import ruleset, way_back
    from homeroom.ops.hardening.needed_ports import needed_ports

    needed = needed_ports(installation)
    named = ruleset.named(options, needed)
    way_back.check_way_back(named, way_back.session_address(), is_sure=yes)
    file = (into or installation.folder / ruleset.NAME).absolute()
    is_written = ruleset.write_ours(file, ruleset.rules(needed, named, ruleset.mark(installation)), ruleset.mark(installation))
    untested = ruleset.not_read(file)
    if as_json:
        open_ports = sorted(needed.for_all | set(named.more))
        say_json({"file": str(file), "is_written": is_written, "untested": untested, "open": open_ports, "ssh": needed.ssh, "tunnels": named.tunnels})
        return
    for sentence in ruleset.told(installation, file, needed, named, untested, is_written=is_written):
        say(sentence)
