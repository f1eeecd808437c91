"""Gives a portal another name or other ports, and the gateway other ports. Everything is checked first and then written in one step."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from homeroom.gateway.book import read_portals
from homeroom.gateway.settings import Settings, read_settings
from homeroom.ops.answers import NotDone
from homeroom.ops.host.addresses import check_host
from homeroom.ops.host.installation import Installation, making, toml, write_toml
from homeroom.ops.host.new import LOOPBACK
from homeroom.ops.host.port_owners import check_address, in_use, promised
from homeroom.ops.portal.handing import gateway_entry, tell_gateway
from homeroom.portal.place import Place
from homeroom.portal.processes.layout import listen_address

LONGEST_NAME = 120  # characters, of a district's name

type Words = Mapping[str, str | int]


def rename(installation: Installation, slug: str, name: str, *, dry_run: bool) -> dict[str, Any]:
    """Changes the name that families read. Returns the names before and after. Raises NotDone."""
    portal, name = installation.portal(slug), " ".join(name.split())
    with making(installation.folder, is_alone=True):
        check_name(installation, slug, name)
        before = Place.read(portal).name
        if not dry_run:
            write_words(portal, {"name": name})
    return {"portal": slug, "before": before, "name": name, "is_done": not dry_run}


def check_name(installation: Installation, slug: str, name: str) -> None:
    """Raises NotDone if the name can't be a district's, or if another portal has it."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotDone(f"Write the district's name in 1 to {LONGEST_NAME} characters, such as \"Lincoln Unified\".")
    for other in installation.whole():
        if other.name != slug and Place.read(other).name.casefold() == name.casefold():
            raise NotDone(f"The portal {other.name!r} has this name already. Choose one that families can tell apart.")


def move_portal(installation: Installation, slug: str, words: Words, *, dry_run: bool) -> dict[str, Any]:
    """Changes a portal's ports and address, and gives this folder's gateway the new inbox. `words` has port, inbox_port and listen, as far as they change.
    After kill -9, run it again to finish.

    Raises NotDone before anything is written, BookOdd."""
    portal = installation.portal(slug)
    with making(installation.folder, is_alone=True):
        before = address_of(portal)
        after = {**before, **words}
        if "listen" in words:
            check_address(str(words["listen"]))
        if after["port"] == after["inbox_port"]:
            raise NotDone("The pages and the inbox need two different ports.")
        for key in ("port", "inbox_port"):
            if after[key] != before[key]:
                check_port(installation, int(after[key]), str(after["listen"]))
        if not dry_run:
            if after != before:
                write_words(portal, words)
            if words and is_other_at_gateway(installation, portal):
                tell_gateway(installation, portal)
    return {"portal": slug, "before": before, **after, "is_done": bool(words) and not dry_run}


def address_of(portal: Path) -> dict[str, str | int]:
    place = Place.read(portal)
    return {"host": place.host, "port": place.port, "inbox_port": place.inbox_port, "listen": listen_address(portal)}


def is_other_at_gateway(installation: Installation, portal: Path) -> bool:
    known = read_portals(installation.gateway).get(portal.name) if installation.has_gateway else None
    return known is not None and known.url != gateway_entry(portal)["url"]


def move_gateway(installation: Installation, chosen: Mapping[str, str | int | None], *, dry_run: bool) -> Settings:
    """`chosen` has sftp_host, sftp_port and listen. None leaves one as it is. The gateway reads them when it starts. Raises NotDone, SettingsOdd."""
    before, words = read_settings(installation.folder), {name: value for name, value in chosen.items() if value is not None}
    after = replace(before, **words)  # type: ignore[arg-type]  # the keys are the names of its fields
    path = installation.folder / "homeroom.toml"
    with making(installation.folder, is_alone=True):
        if "sftp_host" in words:
            check_host(after.sftp_host)
        if "listen" in words:
            check_address(after.listen)
        if after.sftp_port != before.sftp_port:
            check_port(installation, after.sftp_port, LOOPBACK)
        if words and not dry_run:
            known = tomllib.loads(path.read_text())
            section = {**known.pop("gateway", {}), **words}
            write_toml(path, f"{toml(known)}\n[gateway]\n{toml(section)}")
    return after


def check_port(installation: Installation, port: int, address: str) -> None:
    """Raises NotDone if a portal or the gateway of this installation has the port, running or not, or if another program listens there."""
    known = promised(installation)
    taken = f"Port {port} belongs to {known[port]} of this installation." if port in known else in_use(address, port)
    if taken:
        raise NotDone(f"{taken} Choose another one. Nothing was changed.")


def write_words(portal: Path, words: Mapping[str, Any]) -> None:
    path = portal / "portal.toml"
    write_toml(path, changed(path.read_text(), words))


def changed(text: str, words: Mapping[str, Any]) -> str:
    """Returns the TOML text with other values for these top-level keys. Comments and sections stay as they are. Raises NotDone."""
    wanted = {**tomllib.loads(text), **words}
    for key, value in words.items():
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        top, section, rest = text.partition("\n[")
        told, count = re.subn(rf"^{key}[ \t]*=.*$", lambda _, line=line: line, top, count=1, flags=re.MULTILINE)  # type: ignore[misc]
        text = (told if count else f"{line}\n{top}") + section + rest
    if not _says(text, wanted):
        raise NotDone(f"portal.toml has {', '.join(words)} in a form that this command can't change. Change it there by hand.")
    return text


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:  # the key was written in another way, and now it is there twice
        return False
