"""Changes which proxies a portal trusts, and which networks are the district's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation, making
from homeroom.ops.portal.moving import write_words
from homeroom.portal.addresses import network
from homeroom.portal.place import Place


def networks_of(portal: Path) -> dict[str, Any]:
    place = Place.read(portal)
    return {
        "trusted_proxy": [shown(each) for each in place.trusted_proxy],
        "proxy_protocol": place.proxy_protocol,
        "school_networks": [shown(each) for each in place.school_networks],
    }


def change_networks(installation: Installation, slug: str, words: Mapping[str, Any], *, dry_run: bool) -> dict[str, Any]:
    """`words` has trusted_proxy, proxy_protocol and school_networks, as far as they change. Raises NotDone before anything is written."""
    portal = installation.portal(slug)
    written = {key: checked(value) if isinstance(value, list) else value for key, value in words.items()}
    with making(installation.folder, is_alone=True):
        after = networks_of(portal) | written
        if after["proxy_protocol"] and not after["trusted_proxy"]:
            raise NotDone("The PROXY protocol needs a proxy that the portal trusts. Name it with --trust.")
        if written and not dry_run:
            write_words(portal, written)
    return {"portal": slug, **after, "is_done": bool(written) and not dry_run}


def checked(listed: list[str]) -> list[str]:
    """Returns each network once, as it is written in portal.toml. Raises NotDone."""
    found = []
    for text in listed:
        try:
            read = network(text)
        except ValueError:
            raise NotDone(f"{text!r} is not an address or a network. Write 203.0.113.5, or 203.0.113.0/24. Nothing was changed.") from None
        if not read.prefixlen:
            raise NotDone(f"{text} is every address there is. Name the proxy's own address, or the district's. Nothing was changed.")
        if shown(read) not in found:
            found.append(shown(read))
    return found


def shown(each: object) -> str:
    """Returns one address without its /32 or /128."""
    return str(each).removesuffix("/32").removesuffix("/128")
