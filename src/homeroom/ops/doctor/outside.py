"""`homeroom doctor --from-outside`: tries the ports of another host, so that its firewall is proven from where strangers are."""

import asyncio
import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from homeroom.ops.answers import NotDone
from homeroom.ops.doctor.listening import HTTP, placed
from homeroom.ops.doctor.tls_grade import NoTLS, judged, seen_at
from homeroom.ops.host.addresses import check_host
from homeroom.ops.host.finding import Finding
from homeroom.portal.place import HTTPS

PATIENCE = 3.0  # seconds until a port counts as closed
ABREAST = 400  # connections at a time, below the usual limit of 1,024 open files
KNOWN = {
    21: "FTP", 22: "SSH", 23: "Telnet", 25: "email", 53: "DNS", 80: "web without TLS", 110: "email", 111: "NFS", 135: "Windows", 139: "Windows shares",
    143: "email", 389: "LDAP", 443: "web", 445: "Windows shares", 465: "email", 587: "email", 631: "printing", 636: "LDAP", 873: "rsync", 993: "email",
    995: "email", 1433: "SQL Server", 2049: "NFS", 2222: "the gateway", 2375: "Docker", 2376: "Docker", 3000: "a web server", 3306: "MySQL",
    3389: "remote desktop", 5000: "a web server", 5432: "PostgreSQL", 5433: "PostgreSQL", 5900: "remote desktop", 5985: "remote control",
    6379: "Redis", 6432: "PgBouncer", 8000: "a portal's pages", 8001: "a portal's pages", 8080: "a web server", 8400: "a portal's inbox",
    8401: "a portal's inbox", 8443: "a web server", 9000: "an S3 store", 9090: "Cockpit", 9100: "monitoring", 9200: "Elasticsearch", 10000: "Webmin",
    11211: "memcached", 27017: "MongoDB",
}  # fmt: skip

Tell = Callable[[str, int, int], None]


def from_outside(host: str, open_ports: Collection[int], tell: Tell, *, is_every_port: bool) -> Iterator[Finding]:
    """Tries each address of the host. Raises NotDone."""
    check_host(host)
    ports = range(1, 65536) if is_every_port else sorted({*KNOWN, *open_ports})
    for address in addresses_of(host):
        if is_here(address):
            told = "This computer has that address itself, so its firewall doesn't show. Run this on another computer, such as the vault's."
            yield Finding("warn", f"{address}: place", told)
        found = asyncio.run(tried(address, ports, lambda done, address=address: tell(address, done, len(ports))))  # type: ignore[misc]
        yield from of_ports(address, found, open_ports)
        for port in (port for port in open_ports if port in found and port != HTTP and not is_ssh(address, port)):
            yield from of_tls(address, port, host)


def addresses_of(host: str) -> list[str]:
    """Raises NotDone."""
    try:
        return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)))
    except OSError as unknown:
        raise NotDone(f"No address is known for {host!r}. Check the name.") from unknown


def is_here(address: str) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


async def tried(address: str, ports: Collection[int], tell: Callable[[int], None]) -> set[int]:
    """Returns the ports that took a connection."""
    room, found = asyncio.Semaphore(ABREAST), set()

    async def one(port: int) -> None:
        async with room:
            with suppress(OSError, TimeoutError):  # refused, unreachable, or no answer: closed
                async with asyncio.timeout(PATIENCE):
                    _, writer = await asyncio.open_connection(address, port)
                found.add(port)
                writer.close()

    for done, each in enumerate(asyncio.as_completed([one(port) for port in ports]), 1):
        await each
        tell(done)
    return found


def of_ports(address: str, found: Collection[int], wanted: Collection[int], known: Mapping[int, str] = KNOWN) -> Iterator[Finding]:
    """Compares the open ports with those that must be open. Closed ports prove a firewall only if the host answers at all."""
    for port in sorted(wanted):
        what, is_open = f"{address}: port {port}", port in found
        yield Finding("ok" if is_open else "bad", what, "Is open, as it must be." if is_open else "Is closed. Start what listens there, or open the firewall.")
    odd = sorted(set(found) - set(wanted) - ({HTTP} if HTTPS in wanted else set()))  # a web server may send people from one to the other
    for port in odd:
        told = f"Is open to this computer ({known.get(port, 'an unknown service')}). Close it with `homeroom host harden --firewall` on that host."
        yield Finding("bad", f"{address}: port {port}", f"{told} If this computer is meant to reach it, add --open {port}.")
    if not set(wanted) & set(found):
        yield Finding("unknown", f"{address}: other ports", "None of the ports that must be open answered, so closed ports prove nothing.")
    elif not odd:
        yield Finding("ok", f"{address}: other ports", "All others that were tried are closed to this computer.")


def is_ssh(address: str, port: int) -> bool:
    """An SSH server speaks first. A web server waits."""
    try:
        with socket.create_connection((address, port), timeout=PATIENCE) as line:
            return line.recv(4) == b"SSH-"
    except OSError:
        return False


def of_tls(address: str, port: int, host: str) -> Iterator[Finding]:
    what = placed(address, port)
    try:
        seen = seen_at(address, port, host)
    except NoTLS:
        yield Finding("bad", f"{what}: TLS", "Answers without TLS, so passwords could be read on the way. See *TLS* in docs/hosting.md.")
        return
    yield from judged(what, host, seen, datetime.now(UTC))
