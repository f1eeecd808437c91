"""`homeroom new`: the folder of an installation, with its gateway."""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

import asyncssh

from homeroom.gateway.pins import make_pair
from homeroom.gateway.settings import Settings, read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.installation import Installation, give, is_root, toml, write_toml
from homeroom.portal.processes.layout import database_sockets, run_folder
from homeroom.portal.processes.users import add_user, name_is_taken, prefix_of, remove_user, remove_users

LOOPBACK = "127.0.0.1"
CLIENT = "tls/client.pem"  # the gateway's key and certificate for the portals' inboxes


def make_installation(folder: Path, sftp_host: str, sftp_port: int, listen: str = LOOPBACK, *, is_demo: bool = False) -> Installation:
    """Raises NotDone where the folder has something in it already."""
    if (folder / "homeroom.toml").exists():
        raise NotDone(f"{folder} is a Homeroom folder already.")
    if folder.exists() and any(folder.iterdir()):
        raise NotDone(f"{folder} is not empty. Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "portals").mkdir(mode=0o755)
    user = gateway_user()
    _make_gateway(folder / "gateway", user)
    section = {"sftp_host": sftp_host, "sftp_port": sftp_port, "listen": listen, **({"user": user} if user else {})}
    if is_demo:
        section["receipts_otherwise"] = 1.0  # seconds: somebody is watching
    write_toml(folder / "homeroom.toml", f"{toml({'demo': is_demo})}\n[gateway]\n{toml(section)}")
    return Installation.at(folder)


def move_gateway(installation: Installation, chosen: Mapping[str, str | int | None]) -> Settings:
    """Writes host, port and listen where they were chosen. The gateway reads them when it starts. Raises NotDone."""
    path = installation.folder / "homeroom.toml"
    known = tomllib.loads(path.read_text())
    section = {**known.pop("gateway", {}), **{name: value for name, value in chosen.items() if value is not None}}
    if not section:
        raise NotDone(f"{path} has no gateway.")
    write_toml(path, f"{toml(known)}\n[gateway]\n{toml(section)}")
    return read_settings(installation.folder)


def remove_installation(installation: Installation) -> None:
    """The folder with all in it, and the system users that were made for it. Nothing of it may run."""
    names = [installation.gateway_user] if installation.gateway_user else []
    portals = [installation.folder / "portals" / slug for slug in installation.slugs()]  # half-made ones, too
    prefixes = [prefix for portal in portals if (prefix := prefix_of(portal))]
    runs = [folder(portal) for portal in portals for folder in (run_folder, database_sockets)]
    shutil.rmtree(installation.folder)
    for run in runs:
        shutil.rmtree(run, ignore_errors=True)  # in /tmp where the path was long; otherwise gone already
    if is_root():
        for name in names:
            remove_user(name)
        for prefix in prefixes:
            remove_users(prefix)


def _make_gateway(gateway: Path, user: str | None) -> None:
    gateway.mkdir()
    give(gateway, user, 0o700)
    key = asyncssh.generate_private_key("ssh-ed25519", comment="Homeroom gateway")
    key.write_private_key(gateway / "host_key")
    give(gateway / "host_key", user, 0o600)
    make_pair(gateway / CLIENT, "Homeroom gateway", "client")


def gateway_user() -> str | None:
    """A new system user for this installation's gateway; None where we are not root."""
    if not is_root():
        return None
    name = next(name for number in ("", *range(2, 1000)) if not name_is_taken(name := f"hr{number}-gateway"))
    add_user(name)
    return name
