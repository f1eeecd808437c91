"""The firewall's rules: who may name what, what is refused, and whose file is never overwritten."""

import os
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.answers import NotDone
from homeroom.ops.hardening.asking import NoAnswer
from homeroom.ops.hardening.needed_ports import NeededPorts
from homeroom.ops.hardening.ruleset import NamedAddresses, named, networks, not_read, rules, write_ours
from homeroom.ops.hardening.way_back import check_way_back, session_address
from tests.journeys.kill import until

NEEDED = NeededPorts(pages=(443,), sftp=(2222,), inboxes=(8400,), proxied=((8000, (ip_network("192.0.2.9"),)),))
MARK = "# Homeroom's firewall for /srv/homeroom"


def read_by_nft(path: Path) -> str:
    """Returns what nft says, in a network of its own."""
    own = [] if os.getuid() == 0 else ["--map-root-user"]
    return subprocess.run(["unshare", *own, "--net", "nft", "-c", "-f", str(path)], capture_output=True, text=True).stderr


@pytest.mark.parametrize("text", ["203.0.113.5/24", "example.org", "", "203.0.113.500", "2001:db8::1/64", "0.0.0.0/0", "::/0"])
def test_an_odd_address_or_every_address_is_refused(text: str) -> None:
    with pytest.raises(NotDone, match="Nothing was written"):
        networks(["203.0.113.5", text], "--operators")


@pytest.mark.parametrize("options", [{"vault_ports": [9000]}, {"more": [22]}, {"vault": ["192.0.2.1"], "more": [8400]}])
def test_ports_that_need_an_address_are_not_opened_to_everyone(options: dict[str, list[Any]]) -> None:
    with pytest.raises(NotDone, match="Name"):
        named(options, NEEDED)


def test_only_named_addresses_reach_ssh_the_store_the_inbox_and_a_proxied_front() -> None:
    options = {"operators": ["203.0.113.0/28", "2001:db8::/48"], "vault": ["198.51.100.7"], "gateway": ["198.51.100.8"], "vault_ports": [9000]}
    who = named(options, NEEDED)
    lines = [line.strip() for line in rules(NEEDED, who, MARK).splitlines()]
    opened = [line for line in lines if line.endswith("accept") and "dport" in line]
    assert opened[1:] == [
        "tcp dport { 443, 2222 } accept",
        "ip saddr @proxy80004 tcp dport 8000 accept",
        "ip saddr @gateway4 tcp dport 8400 accept",
        "ip saddr @operators4 tcp dport 22 accept",
        "ip6 saddr @operators6 tcp dport 22 accept",
        "ip saddr @vault4 tcp dport 9000 accept",
    ]
    assert "type filter hook input priority filter; policy drop;" in lines and lines[0] == MARK


NETWORKS = st.tuples(st.ip_addresses(), st.integers(1, 32)).map(lambda pair: ip_network((pair[0], pair[1]), strict=False))
PORTS = st.lists(st.integers(1, 65535), max_size=3).map(tuple)


@given(st.lists(NETWORKS, max_size=4).map(tuple), st.lists(NETWORKS, max_size=4).map(tuple), PORTS, PORTS)
@pytest.mark.filterwarnings("default")
def test_nft_reads_the_rules_for_any_addresses_and_ports(
    tmp_path_factory: pytest.TempPathFactory, one: tuple[object, ...], other: tuple[object, ...], more: tuple[int, ...], tunnels: tuple[int, ...]
) -> None:
    path = tmp_path_factory.mktemp("rules") / "firewall.nft"
    path.write_text(rules(NEEDED, NamedAddresses(operators=one, vault=other, gateway=one, tunnels=tunnels, more=more), MARK))  # type: ignore[arg-type]
    assert read_by_nft(path) == ""


def test_an_operator_is_not_locked_out_by_mistake() -> None:
    home = NamedAddresses(operators=networks(["203.0.113.0/28"], "--operators"))
    check_way_back(home, ip_address("203.0.113.5"), is_sure=False)
    check_way_back(home, None, is_sure=False)
    check_way_back(NamedAddresses(tunnels=(51820,)), ip_address("10.83.76.2"), is_sure=False)
    check_way_back(NamedAddresses(), ip_address("192.0.2.1"), is_sure=True)
    for who, session in ((home, "192.0.2.1"), (NamedAddresses(tunnels=(51820,)), "192.0.2.1"), (NamedAddresses(), "192.0.2.1"), (home, "2001:db8::1")):
        with pytest.raises(NotDone, match=f"--operators {session}"):
            check_way_back(who, ip_address(session), is_sure=False)
    with pytest.raises(NotDone, match="no one sign in"):
        check_way_back(NamedAddresses(), None, is_sure=False)


def test_the_session_is_found_although_sudo_hides_it() -> None:
    assert str(session_address({"SSH_CONNECTION": "203.0.113.5 40000 192.0.2.1 22"})) == "203.0.113.5"
    assert str(session_address({"SSH_CONNECTION": "fe80::1%eth0 40000 fe80::2%eth0 22"})) == "fe80::1"
    with subprocess.Popen(["sleep", "30"], env={"SSH_CONNECTION": "2001:db8::7 40000 192.0.2.1 22"}) as shell:
        assert until(lambda: Path(f"/proc/{shell.pid}/environ").read_bytes() != b"")  # empty for a moment after the program began
        assert str(session_address({}, shell.pid)) == "2001:db8::7"
        shell.kill()


def test_a_file_of_someone_else_stays_and_ours_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "firewall.nft"
    assert write_ours(path, f"{MARK}\nfirst\n", MARK) and not write_ours(path, f"{MARK}\nfirst\n", MARK)
    assert write_ours(path, f"{MARK}\nsecond\n", MARK) and path.stat().st_mode & 0o777 == 0o600
    link = tmp_path / "link"
    link.symlink_to(path)
    (tmp_path / "theirs").write_text("flush ruleset\n")
    for name in ("theirs", "link"):
        with pytest.raises(NotDone, match="did not write it"):
            write_ours(tmp_path / name, f"{MARK}\n", MARK)
    with pytest.raises(NotDone, match="did not write it for this folder"):
        write_ours(path, "x", "# Homeroom's firewall for /srv/other")
    with pytest.raises(NotDone, match="no folder"):
        write_ours(tmp_path / "nowhere" / "f", "x", MARK)
    assert path.read_text() == f"{MARK}\nsecond\n" and (tmp_path / "theirs").read_text() == "flush ruleset\n"


def test_rules_that_nft_does_not_take_are_not_called_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(sentence: str) -> None:
        def ask(*_: str) -> str:
            raise NoAnswer(sentence)

        monkeypatch.setattr("homeroom.ops.hardening.ruleset.ask", ask)

    answer("`nft` answered: syntax error.")
    with pytest.raises(NotDone, match="syntax error"):
        not_read(tmp_path)
    answer("`nft` answered: Operation not permitted.")
    assert "Only root" in not_read(tmp_path)
