"""A portal gets another name or other ports. A taken one is refused in one sentence, and nothing else in portal.toml changes."""

import re
import socket
import tomllib
from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.host.installation import Installation, making
from homeroom.ops.portal.moving import changed, move_gateway, move_portal, rename
from tests.ports import free_port

TOML = """slug = "{slug}"  # the short name
name = "{name}"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0130"
host = "localhost"
port = {port}
inbox_port = {inbox}
database = "postgresql:///homeroom?host=/nowhere"

[mail]
relay = "smtp.lincoln.example:587"
port = 25
"""


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    """Lincoln and Harbor with nothing but their portal.toml, and a gateway."""
    for number, (slug, name) in enumerate((("lincoln", "Lincoln Unified"), ("harbor", "Harbor Point"))):
        folder = tmp_path / "portals" / slug
        folder.mkdir(parents=True)
        (folder / "portal.toml").write_text(TOML.format(slug=slug, name=name, port=8000 + number, inbox=8400 + number))
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "host_key").touch()
    (tmp_path / "homeroom.toml").write_text('demo = false\n\n[gateway]\nsftp_host = "import.example.org"\nsftp_port = 2222\nlisten = "127.0.0.1"\n')
    return Installation.at(tmp_path)


def text_of(installed: Installation, slug: str = "lincoln") -> str:
    return (installed.portal(slug) / "portal.toml").read_text()


def test_a_district_gets_another_name_and_all_else_stays(installed: Installation) -> None:
    before = text_of(installed)
    told = rename(installed, "lincoln", "  Lincoln   Valley Unified ", dry_run=True)
    assert told == {"portal": "lincoln", "before": "Lincoln Unified", "name": "Lincoln Valley Unified", "is_done": False} and text_of(installed) == before
    assert rename(installed, "lincoln", "Lincoln Valley Unified", dry_run=False)["is_done"]
    assert text_of(installed) == before.replace("Lincoln Unified", "Lincoln Valley Unified")


@pytest.mark.parametrize(("name", "said"), [("harbor POINT", "has this name already"), ("", "1 to 120 characters"), ("A\x07B", "1 to 120 characters")])
def test_a_name_that_another_portal_has_or_that_is_no_name_is_refused(installed: Installation, name: str, said: str) -> None:
    before = text_of(installed)
    with pytest.raises(NotDone, match=said):
        rename(installed, "lincoln", name, dry_run=False)
    assert text_of(installed) == before


def test_a_portal_gets_other_ports_and_its_mail_keeps_its_own(installed: Installation) -> None:
    before, port = text_of(installed), free_port()
    assert move_portal(installed, "lincoln", {}, dry_run=False)["is_done"] is False
    assert move_portal(installed, "lincoln", {"port": port}, dry_run=True)["port"] == port and text_of(installed) == before
    assert move_portal(installed, "lincoln", {"port": port}, dry_run=False)["is_done"]
    assert text_of(installed) == before.replace("port = 8000", f"port = {port}")
    assert move_portal(installed, "lincoln", {"listen": "::1"}, dry_run=False)["before"]["listen"] == "127.0.0.1"
    assert tomllib.loads(text_of(installed))["listen"] == "::1" and tomllib.loads(text_of(installed))["mail"]["port"] == 25


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"port": 8001}, "belongs to the portal 'harbor'"),
        ({"inbox_port": 8401}, "belongs to the portal 'harbor'"),
        ({"inbox_port": 2222}, "belongs to the gateway"),
        ({"port": 8400}, "two different ports"),
    ],
)
def test_a_port_of_this_installation_is_refused(installed: Installation, words: dict[str, int], said: str) -> None:
    before = text_of(installed)
    with pytest.raises(NotDone, match=said):
        move_portal(installed, "lincoln", words, dry_run=False)
    assert text_of(installed) == before


@pytest.mark.parametrize("address", ["", "nonsense", "999.1.1.1", "192.0.2.1", "a b"])
def test_an_address_that_this_computer_does_not_have_is_refused(installed: Installation, address: str) -> None:
    before, known = text_of(installed), (installed.folder / "homeroom.toml").read_text()
    said = f"This computer does not have the address '{address}'. Choose one that it has, or 0.0.0.0 for all of them, with --listen."
    with pytest.raises(NotDone, match=re.escape(said)):
        move_portal(installed, "lincoln", {"listen": address}, dry_run=False)
    with pytest.raises(NotDone, match=re.escape(said)):
        move_gateway(installed, {"listen": address}, dry_run=False)
    assert text_of(installed) == before and (installed.folder / "homeroom.toml").read_text() == known


@pytest.mark.parametrize("host", ["", "a b", "https://import.example.org"])
def test_the_gateway_announces_no_name_that_is_none(installed: Installation, host: str) -> None:
    known = (installed.folder / "homeroom.toml").read_text()
    with pytest.raises(NotDone, match=f"'{host}' is no name or address of a computer. Write one like import.example.org."):
        move_gateway(installed, {"sftp_host": host}, dry_run=False)
    assert (installed.folder / "homeroom.toml").read_text() == known


def test_a_port_of_another_program_is_refused(installed: Installation) -> None:
    before, known = text_of(installed), (installed.folder / "homeroom.toml").read_text()
    with socket.create_server(("127.0.0.1", free_port())) as other:
        port = other.getsockname()[1]
        for key in ("port", "inbox_port"):
            with pytest.raises(NotDone, match=f"Port {port} is in use: .* listens there. Choose another one. Nothing was changed."):
                move_portal(installed, "lincoln", {key: port}, dry_run=False)
        with pytest.raises(NotDone, match="is in use"):
            move_gateway(installed, {"sftp_port": port}, dry_run=False)
    assert text_of(installed) == before and (installed.folder / "homeroom.toml").read_text() == known


def test_the_gateway_gets_another_port_and_none_that_a_portal_has(installed: Installation) -> None:
    with pytest.raises(NotDone, match="belongs to the portal 'lincoln'"):
        move_gateway(installed, {"sftp_port": 8400}, dry_run=False)
    known, port = (installed.folder / "homeroom.toml").read_text(), free_port()
    assert move_gateway(installed, {"sftp_port": port}, dry_run=True).sftp_port == port and (installed.folder / "homeroom.toml").read_text() == known
    assert move_gateway(installed, {"sftp_port": port}, dry_run=False) == move_gateway(installed, {}, dry_run=False)
    assert (installed.folder / "homeroom.toml").read_text() == known.replace("2222", str(port))


def test_nothing_changes_while_a_portal_is_made(installed: Installation) -> None:
    with making(installed.folder), pytest.raises(NotDone, match="Wait for its end"):
        rename(installed, "lincoln", "Lincoln Valley", dry_run=False)


@pytest.mark.parametrize("text", ['a = """\nname = "x"\n"""\nname = "y"\n', '"name" = "x"\n'])
def test_words_in_an_odd_form_are_left_to_a_person(text: str) -> None:
    with pytest.raises(NotDone, match="Change it there by hand"):
        changed(text, {"name": "z"})
