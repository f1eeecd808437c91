"""`homeroom new` and `homeroom portal create` report wrong input or too little space in one sentence, and leave nothing half made."""

import errno
import os
import pwd
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.host import new
from homeroom.ops.host.installation import Installation, is_root
from homeroom.ops.host.new import make_installation
from homeroom.ops.portal import making as portal_making
from homeroom.ops.portal.create import Wish
from homeroom.ops.portal.making import People, check
from tests.ports import free_port

TWO = People(("Carl Webb", "Ruth Adler"))
HARBOR = """slug = "harbor"
name = "Harbor Point"
time_zone = "America/Los_Angeles"
phone = "(555) 010-0177"
host = "localhost"
port = 8001
inbox_port = 8401
database = "postgresql:///homeroom?host=/nowhere"
"""


@pytest.fixture
def installed(tmp_path: Path) -> Installation:
    """A gateway, and Harbor with nothing but its portal.toml."""
    (tmp_path / "portals" / "harbor").mkdir(parents=True)
    (tmp_path / "portals" / "harbor" / "portal.toml").write_text(HARBOR)
    (tmp_path / "homeroom.toml").write_text('[gateway]\nsftp_host = "import.example.org"\nsftp_port = 2222\n')
    return Installation.at(tmp_path)


def wish() -> Wish:
    return Wish("lincoln", "Lincoln Unified", "America/Los_Angeles", "(555) 010-0130", "localhost", free_port(), free_port(), "127.0.0.1", is_secure=False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"name": ""}, "Write the district's name in 1 to 120 characters"),
        ({"name": "  "}, "Write the district's name in 1 to 120 characters"),
        ({"name": "Harbor POINT"}, "The portal 'harbor' has this name already. Choose one that families can tell apart."),
        ({"phone": " "}, "Write the phone number of the office that families call"),
        ({"phone": "555\n"}, "Write the phone number of the office that families call"),
        ({"host": "a b"}, "'a b' is no name or address of a computer. Write one like import.example.org."),
        ({"listen": "nonsense"}, "This computer does not have the address 'nonsense'."),
        ({"port": 8401}, "Port 8401 belongs to the portal 'harbor' of this installation."),
    ],
)
def test_a_wrong_word_is_refused_before_anything_of_lincoln_is_made(installed: Installation, words: dict[str, str], said: str) -> None:
    check(installed, wish(), TWO)
    with pytest.raises(NotDone) as refused:
        check(installed, replace(wish(), **words), TWO)  # type: ignore[arg-type]  # the keys are the names of its fields
    assert str(refused.value).startswith(said) and installed.slugs() == ["harbor"]


def test_a_disk_without_room_for_a_database_is_reported_before_anything_is_made(installed: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_making.shutil, "disk_usage", lambda _: SimpleNamespace(free=portal_making.ROOM - 1))
    with pytest.raises(NotDone, match=r"A portal needs 128 MB to begin with, and .* has 127 MB. Free some space, then run this again."):
        check(installed, wish(), TWO)


@pytest.mark.parametrize(("words", "said"), [(("", 2222), "is no name or address"), (("import.example.org", 2222, "999.1.1.1"), "does not have the address")])
def test_an_odd_name_or_address_of_the_gateway_makes_no_folder(tmp_path: Path, words: tuple[str, int], said: str) -> None:
    with pytest.raises(NotDone, match=said):
        make_installation(tmp_path / "homeroom", *words)
    assert not (tmp_path / "homeroom").exists()


@pytest.mark.parametrize("was_there", [False, True])
def test_a_disk_that_fills_up_leaves_no_folder_and_no_system_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, was_there: bool) -> None:
    def is_full(path: Path, *_: object) -> None:
        path.write_text("half of")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    folder, users = tmp_path / "homeroom", list[str]()
    if was_there:
        folder.mkdir()
    take_user = new.take_user
    monkeypatch.setattr(new, "take_user", lambda name: users.append(take_user(name)) or users[-1])
    monkeypatch.setattr(new, "write_toml", is_full)
    with pytest.raises(OSError, match="No space left"):
        make_installation(folder, "import.example.org", 2222)
    assert list(folder.iterdir()) == [] if was_there else not folder.exists()
    assert len(users) == int(is_root()) and not {entry.pw_name for entry in pwd.getpwall()} & set(users)
