"""`homeroom host harden` and `homeroom doctor --from-outside`, on this computer and on two computers with a firewall between them.

The two computers are network namespaces that reach nothing but each other.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from homeroom.gateway.pins import make_pair
from homeroom.ops.host.installation import Installation
from homeroom.ops.removing_all import outline, remove_installation
from tests.ops.portal import answered, homeroom
from tests.ports import free_port

SFTP = 2222
TOML = """slug = "lincoln"
name = "Lincoln Unified"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "portal.lincoln.example"
port = {port}
inbox_port = 8401
database = "postgresql:///homeroom"
secure = true
"""
SERVE = """
import socket, sys, threading
def serve(port):
    listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        line, _ = listener.accept()
        line.sendall(b"SSH-2.0-x\\r\\n")
        line.close()
for port in map(int, sys.argv[1:]):
    threading.Thread(target=serve, args=[port]).start()
"""
# The outer namespace is the other computer: first a stranger, then an operator. `inside` runs a command on the host.
COMPUTERS = """
ip link set lo up
unshare --net sleep 120 & host=$!
trap 'kill $servers $host' EXIT
until [ "$(readlink /proc/$host/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
inside() {{ nsenter --net=/proc/$host/ns/net "$@"; }}
ip link add out type veth peer name in netns $host
ip addr add 198.51.100.1/24 dev out; ip addr add 2001:db8::1/64 dev out nodad; ip link set out up
inside ip link set lo up
inside ip addr add 198.51.100.7/24 dev in; inside ip addr add 2001:db8::7/64 dev in nodad; inside ip link set in up
inside {python} -c '{serve}' 22 {sftp} 5432 & servers=$!
outside() {{ file=$1; shift; {homeroom} doctor --from-outside "$@" --json > {folder}/$file || true; }}
inside bash -c 'until (: < /dev/tcp/127.0.0.1/5432) 2>/dev/null; do sleep 0.1; done'
outside open 198.51.100.7 --open {sftp}
inside nft -f {folder}/homeroom/firewall.nft
outside stranger 198.51.100.7 --open {sftp}
outside six 2001:db8::7 --open {sftp}
inside ip route add 203.0.113.5 dev in
ip addr add 203.0.113.5/32 dev out; ip route add 198.51.100.7 dev out src 203.0.113.5
outside operator 198.51.100.7 --open {sftp} --open 22
inside {homeroom} host harden --check --json --folder {folder}/homeroom > {folder}/check || true
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Installation]:
    """Yields an installation with a gateway and no portal."""
    folder = Path(tempfile.mkdtemp(prefix="hr-hard-"))
    try:
        everyone = "0.0.0.0"  # noqa: S104  the gateway never starts
        answered("new", str(folder / "homeroom"), "--sftp-port", str(SFTP), "--listen", everyone, "--sftp-host", "import.example.org")
        yield Installation.at(folder / "homeroom")
    finally:
        if (folder / "homeroom").exists():
            remove_installation(Installation.at(folder / "homeroom"))
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def seen(host: Installation) -> dict[str, list[dict[str, str]]]:
    """Returns what each command of the two computers found."""
    answered("host", "harden", "--firewall", "--operators", "203.0.113.0/28", "--yes", "--folder", str(host.folder))
    folder = host.folder.parent
    script = COMPUTERS.format(python=sys.executable, homeroom=f"{sys.executable} -m homeroom.ops", serve=SERVE, sftp=SFTP, folder=folder)
    own = [] if os.getuid() == 0 else ["--map-root-user"]
    subprocess.run(["unshare", *own, "--net", "bash", "-euo", "pipefail", "-c", script], check=True, timeout=120)
    return {name: json.loads((folder / name).read_text()) for name in ("open", "stranger", "six", "operator", "check")}


def states(found: list[dict[str, str]]) -> dict[str, str]:
    return {each["what"].partition(": ")[2]: each["state"] for each in found if "port" in each["what"]}


def test_a_stranger_reaches_everything_until_the_rules_are_loaded(seen: dict[str, list[dict[str, str]]]) -> None:
    assert states(seen["open"]) == {f"port {SFTP}": "ok", "port 22": "bad", "port 5432": "bad"}
    assert states(seen["stranger"]) == states(seen["six"]) == {f"port {SFTP}": "ok", "other ports": "ok"}


def test_an_operator_at_a_named_address_reaches_ssh_and_not_the_database(seen: dict[str, list[dict[str, str]]]) -> None:
    assert states(seen["operator"]) == {f"port {SFTP}": "ok", "port 22": "ok", "other ports": "ok"}


def test_the_check_reads_these_rules_and_names_what_listens_without_need(seen: dict[str, list[dict[str, str]]]) -> None:
    found = {each["what"]: each for each in seen["check"]}
    assert found["firewall"]["state"] == "ok" and str(SFTP) in found["firewall"]["told"]
    assert found["open ports: 5432/tcp"]["state"] == "warn" and "python" in found["open ports: 5432/tcp"]["told"]


def test_the_check_of_this_computer_has_a_finding_for_each_thing(host: Installation) -> None:
    portal = host.folder / "portals" / "lincoln"
    (portal / "secrets").mkdir(parents=True)
    (portal / "portal.toml").write_text(TOML.format(port=free_port()))
    make_pair(portal / "secrets" / "front-tls.pem", "portal.lincoln.example", "server")
    ended = homeroom("host", "harden", "--check", "--json", "--folder", str(host.folder))
    shutil.rmtree(portal)
    found: list[dict[str, str]] = json.loads(ended.stdout)
    assert {"open ports", "firewall", "disk encryption", "swap", "clock", "SSH", "updates", "kernel"} <= {each["what"].partition(":")[0] for each in found}
    named = {each["what"]: each for each in found}
    assert named["lincoln: backups"]["state"] == "bad" and named["lincoln: TLS"]["state"] == "unknown"
    assert {each["state"] for each in found} <= {"ok", "warn", "bad", "unknown"} and all(each["told"].endswith((".", ")")) for each in found)
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    shown = homeroom("host", "harden", "--check", "--folder", str(host.folder))
    assert "Homeroom's host" in shown.stdout and shown.returncode in (0, 1) and "to do" in shown.stdout


@pytest.mark.parametrize(
    ("words", "environment", "sentence"),
    [
        (("--firewall", "--operators", "203.0.113.0/28"), {"SSH_CONNECTION": "192.0.2.1 40000 192.0.2.2 22"}, "--operators 192.0.2.1"),
        (("--firewall", "--operators", "203.0.113.5/28"), {}, "no address or network"),
        (("--firewall", "--check"), {}, "Choose one"),
        ((), {}, "Choose one"),
        (("--wireguard", "Operator", "--endpoint", "portal.example.org"), {}, "small letters"),
        (("--wireguard", "operator"), {}, "no name or address"),
    ],
)
def test_nonsense_gets_one_sentence_and_writes_nothing(host: Installation, words: tuple[str, ...], environment: dict[str, str], sentence: str) -> None:
    had = everything(host.folder)
    ended = homeroom("host", "harden", *words, "--folder", str(host.folder), **environment)
    assert ended.returncode == 1 and sentence in ended.stderr and len(ended.stderr.strip().splitlines()) == 1
    assert everything(host.folder) == had


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_tunnel_opens_its_port_and_ssh_inside_it_and_no_key_is_printed(host: Installation) -> None:
    folder = ("--folder", str(host.folder))
    ended = homeroom("host", "harden", "--wireguard", "operator", "--endpoint", "portal.example.org", *folder)
    assert ended.returncode == 0 and "wg-quick@homeroom" in ended.stdout
    keys = [line.partition(" = ")[2] for path in (host.folder / "wireguard").iterdir() for line in path.read_text().splitlines() if "Key = " in line]
    assert len(keys) == 6 and not any(key in ended.stdout + ended.stderr for key in keys)
    answer: dict[str, Any] = answered("host", "harden", "--firewall", "--yes", *folder)
    rules = Path(answer["file"]).read_text()
    assert answer["tunnels"] == [51820] and "udp dport 51820 accept" in rules and 'iifname "homeroom" tcp dport 22 accept' in rules
    assert answer["untested"] in ("", "Only root can let nft test the file.")
    told = homeroom("host", "harden", "--firewall", "--yes", *folder).stdout
    assert "is as it was" in told and f"homeroom doctor --from-outside import.example.org --open {SFTP}" in told and "Nothing is in effect yet" in told
    assert outline(host).goes, "these files are no reason to keep the folder"
