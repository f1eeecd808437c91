"""Open ports: which of them belong to an installation, and which are named with their program."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from homeroom.ops.doctor.listening import Belongs, is_only_here, judged, tunnels
from homeroom.ops.host.port_owners import Holder, Listener, all_listeners

ANY = "0.0.0.0"  # noqa: S104  compared, not bound
HERE = Path("/srv/homeroom")
OURS, NGINX = Holder(70, "hr-lincoln-front", HERE), Holder(80, "nginx", None)
BELONGS = Belongs(HERE, {443: "the portal 'lincoln'", 2222: "the gateway"}, tunnels=frozenset({51820}))


def states(*found: Listener, belongs: Belongs = BELONGS) -> dict[str, str]:
    return {each.what: each.state for each in judged(found, belongs)}


def test_ports_of_homeroom_ssh_dhcp_and_the_tunnel_belong_here() -> None:
    unseen = Holder(0, "", None)
    found = [
        Listener("tcp", ANY, 443, OURS),
        Listener("tcp", "::", 2222, unseen),
        Listener("tcp", ANY, 22, Holder(1, "systemd", None)),
        Listener("tcp", "::", 2022, Holder(9, "sshd", None)),
        Listener("tcp", "127.0.0.1", 5432, Holder(5, "postgres", None)),
        Listener("udp", ANY, 68, Holder(6, "dhclient", None)),
        Listener("udp", "::", 51820, unseen),
    ]
    (good,) = judged(found, BELONGS)
    assert good.state == "ok" and "0.0.0.0:443 (tcp, the portal 'lincoln')" in good.told and "[::]:51820 (udp, WireGuard)" in good.told
    assert "5432" not in good.told, "only this computer reaches it"


def test_a_port_of_something_else_is_named_with_its_program() -> None:
    found = [Listener("tcp", "192.0.2.7", 5432, Holder(812, "postgres", None)), Listener("udp", "::", 5353, Holder(0, "", None))]
    first, second, good = judged(found, BELONGS)
    assert (first.state, first.what) == ("warn", "open ports: 5432/tcp") and "192.0.2.7:5432" in first.told and "postgres (process 812)" in first.told
    assert second.what == "open ports: 5353/udp" and good.state == "ok"


def test_a_stranger_on_a_port_of_ours_and_a_proxy_without_need_do_not_belong() -> None:
    assert states(Listener("tcp", ANY, 443, NGINX)) == {"open ports: 443/tcp": "warn", "open ports": "ok"}
    proxied = Belongs(HERE, {8000: "the portal 'lincoln'"}, has_proxy=True)
    assert states(Listener("tcp", ANY, 443, NGINX), belongs=proxied) == {"open ports": "ok"}
    assert states(Listener("tcp", ANY, 8443, NGINX), belongs=proxied) == {"open ports: 8443/tcp": "warn", "open ports": "ok"}


@pytest.mark.parametrize(("address", "here"), [("127.0.0.53", True), ("::1", True), ("::ffff:127.0.0.1", True), (ANY, False), ("::", False)])
def test_loopback_is_only_here(address: str, here: bool) -> None:
    assert is_only_here(address) is here


def test_the_port_of_the_tunnel_is_read_from_its_file(tmp_path: Path) -> None:
    assert tunnels(tmp_path) == frozenset()
    (tmp_path / "wireguard").mkdir()
    (tmp_path / "wireguard" / "homeroom.conf").write_text("[Interface]\nListenPort = 51999\n")
    assert tunnels(tmp_path) == {51999}


def test_sockets_of_this_computer_are_found_with_their_process() -> None:
    code = "import socket; t = socket.create_server(('127.0.0.1', 0)); u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); u.bind(('::1', 0)); "
    code += "print(t.getsockname()[1], u.getsockname()[1], flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdin
        tcp, udp = map(int, other.stdout.readline().split())
        found = {(each.kind, each.address, each.port): each.holder.pid for each in all_listeners()}
        other.stdin.write("\n")
    assert found["tcp", "127.0.0.1", tcp] == found["udp", "::1", udp] == other.pid
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as one:
        one.connect(("::1", 9))
        assert ("udp", "::1", one.getsockname()[1]) not in {each[:3] for each in all_listeners()}, "it takes packets from its peer only"
