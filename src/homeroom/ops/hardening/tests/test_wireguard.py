"""The tunnel's files: keys that fit together and that no one else reads."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.answers import NotDone
from homeroom.ops.hardening.wireguard import add, free_address, public, sections_of, written
from homeroom.ops.host.installation import Installation


@pytest.fixture
def host(tmp_path: Path) -> Installation:
    (tmp_path / "homeroom.toml").write_text("")
    return Installation.at(tmp_path)


def test_the_public_half_is_that_of_rfc_7748() -> None:
    private = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    half = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
    assert base64.b64decode(public(base64.b64encode(private).decode())) == half


def test_an_operator_and_the_vault_get_addresses_and_keys_that_fit(host: Installation) -> None:
    made = [add(host, name, "portal.example.org", 51999) for name in ("operator", "vault")]
    (_, own), *peers = sections_of(made[0].server.read_text())
    assert [name for name, _ in peers] == ["operator", "vault"] and own["ListenPort"] == "51999" and own["Address"] == "10.83.76.1/24"
    for (name, known), tunnel, address in zip(peers, made, ("10.83.76.2/32", "10.83.76.3/32"), strict=True):
        (_, theirs), (_, line) = sections_of(tunnel.peer.read_text())
        assert public(theirs["PrivateKey"]) == known["PublicKey"] and public(own["PrivateKey"]) == line["PublicKey"], name
        assert theirs["Address"] == known["AllowedIPs"] == address and line["PresharedKey"] == known["PresharedKey"]
        assert line["Endpoint"] == "portal.example.org:51999" and line["AllowedIPs"] == "10.83.76.1/32"
        assert {path.stat().st_mode & 0o777 for path in (tunnel.server, tunnel.peer)} == {0o600}
    assert made[0].server.parent.stat().st_mode & 0o777 == 0o700


def test_a_second_time_changes_no_key(host: Installation) -> None:
    made = add(host, "operator", "2001:db8::1", 51820)
    had = made.server.read_text(), made.peer.read_text()
    again = add(host, "operator", "other.example.org", 1)
    assert not again.is_new and (again.server.read_text(), again.peer.read_text()) == had and "Endpoint = [2001:db8::1]:51820" in had[1]
    made.peer.unlink()  # it was carried over
    assert not add(host, "operator", "", 51820).is_new and not made.peer.exists()


HEAD = "# Homeroom's tunnel for {}\n"


@pytest.mark.parametrize("text", ["[Interface]\nPrivateKey = x\n", f"{HEAD}[Interface]\nListenPort = x\n", f"{HEAD}odd\n", HEAD])
def test_a_file_of_someone_else_or_a_spoiled_one_stays(host: Installation, text: str) -> None:
    path = host.folder / "wireguard" / "homeroom.conf"
    path.parent.mkdir()
    path.write_text(text.format(host.folder))
    with pytest.raises(NotDone, match="Nothing was written"):
        add(host, "operator", "portal.example.org", 51820)
    assert path.read_text() == text.format(host.folder) and list(path.parent.iterdir()) == [path]


def test_odd_names_and_hosts_are_refused(host: Installation) -> None:
    for name, endpoint in (("../up", "portal.example.org"), ("Operator", "portal.example.org"), ("operator", ""), ("operator", "a b")):
        with pytest.raises(NotDone):
            add(host, name, endpoint, 51820)
    assert not (host.folder / "wireguard").exists()


def test_a_full_tunnel_says_so() -> None:
    taken = [("", {})] + [(f"p{number}", {"AllowedIPs": f"10.83.76.{number}/32"}) for number in range(2, 255)]
    assert str(free_address(taken[:-1])) == "10.83.76.254"
    with pytest.raises(NotDone, match="no free address"):
        free_address(taken)


WORD, VALUE = st.from_regex(r"[A-Za-z]{1,12}", fullmatch=True), st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)
NAMED = st.tuples(st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True), st.dictionaries(WORD, VALUE, max_size=5))


@given(st.dictionaries(WORD, VALUE), st.lists(NAMED))
def test_each_file_is_read_as_it_was_written(own: dict[str, str], peers: list[tuple[str, dict[str, str]]]) -> None:
    assert sections_of(written("# head", [("", own), *peers])) == [("", own), *peers]
