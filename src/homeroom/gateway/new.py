"""A gateway's folder, made once by `homeroom new`: host key, TLS key, empty book."""

from pathlib import Path

import asyncssh

from homeroom.gateway.durable import make_folder, write_whole
from homeroom.gateway.pins import make_pair


def make_gateway(gateway: Path) -> None:
    """What is there already stays: a second host key would frighten every sender."""
    for name in ("", "home", "spool", "journal", "tls"):
        make_folder(gateway / name)
    if not (gateway / "host_key").exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment="")
        write_whole(gateway / "host_key", key.export_private_key())
    if not (gateway / "tls" / "client.pem").exists():
        make_pair(gateway / "tls" / "client.pem", "Homeroom gateway", "client")
