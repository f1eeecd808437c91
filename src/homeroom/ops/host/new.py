"""`homeroom new`: the folder of an installation, with its gateway."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh

from homeroom.gateway.pins import make_pair
from homeroom.ops.answers import NotDone
from homeroom.ops.host.addresses import check_host
from homeroom.ops.host.installation import Installation, give, is_root, toml, write_toml
from homeroom.ops.host.port_owners import check_address, in_use
from homeroom.portal.processes.users import remove_user, take_user

LOOPBACK = "127.0.0.1"
CLIENT = "tls/client.pem"  # the gateway's key and certificate for the portals' inboxes


def make_installation(folder: Path, sftp_host: str, sftp_port: int, listen: str = LOOPBACK, *, is_demo: bool = False) -> Installation:
    """Raises NotDone if the folder already has something in it, or if a program listens on the port. If anything fails, everything is removed again."""
    if (folder / "homeroom.toml").exists():
        raise NotDone(f"{folder} is a Homeroom folder already.")
    if folder.exists() and any(folder.iterdir()):
        raise NotDone(f"{folder} is not empty. Name a new folder.")
    check_host(sftp_host)
    check_address(listen)
    if taken := in_use(listen, sftp_port):
        raise NotDone(f"{taken} Stop it, or choose another port with `--sftp-port`.")
    with _whole_or_gone(folder):
        folder.chmod(0o755)
        (folder / "portals").mkdir(mode=0o755)
        user = take_user("gateway") if is_root() else None
        section = {"sftp_host": sftp_host, "sftp_port": sftp_port, "listen": listen, **({"user": user} if user else {})}
        if is_demo:
            section["receipts_otherwise"] = 1.0  # seconds, because someone is watching
        try:
            _make_gateway(folder / "gateway", user)
            write_toml(folder / "homeroom.toml", f"{toml({'demo': is_demo})}\n[gateway]\n{toml(section)}")
        except BaseException:
            if user:
                remove_user(user)
            raise
    return Installation.at(folder)


@contextmanager
def _whole_or_gone(folder: Path) -> Iterator[None]:
    """Makes the folder. If the block fails, empties it, and removes it if it was new."""
    was_there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not was_there:
            folder.rmdir()
        raise


def _make_gateway(gateway: Path, user: str | None) -> None:
    gateway.mkdir()
    give(gateway, user, 0o700)
    key = asyncssh.generate_private_key("ssh-ed25519", comment="Homeroom gateway")
    key.write_private_key(gateway / "host_key")
    give(gateway / "host_key", user, 0o600)
    make_pair(gateway / CLIENT, "Homeroom gateway", "client")
