"""Requests that a sender's client can make, and the limits of the virtual home."""

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from asyncssh import FXF_CREAT, FXF_READ, FXF_WRITE, SFTPAttrs, SFTPError, SFTPServer
from hypothesis import given
from hypothesis import strategies as st

from homeroom.gateway.home import FOLDERS, Home, _parts, _place
from homeroom.gateway.live_book import LiveBook
from homeroom.gateway.mailbox import NAME, Mailbox
from homeroom.gateway.office import Office
from homeroom.gateway.settings import Settings
from homeroom.gateway.spool import Spool

HARMLESS = {"channel", "connection", "env", "logger", "convert_attrs", "format_longname"}  # none of these touches the disk


@pytest.fixture
def home(tmp_path: Path) -> Home:
    office = Office(tmp_path, Settings("127.0.0.1", 1), LiveBook(tmp_path), Spool(tmp_path))
    (tmp_path / "secret").write_text("host key")
    return Home(Mock(), office, "lincoln-office")


def test_every_method_that_could_touch_the_disk_is_our_own() -> None:
    theirs = {name for name, _ in inspect.getmembers(SFTPServer) if not name.startswith("_")}
    untouched = {name for name in theirs - HARMLESS if getattr(Home, name) is getattr(SFTPServer, name)}
    assert untouched == set()


PIECES = [b"..", b".", b"/", b"//", b"incoming", b"receipts", b"secret", b"x", b"\0", b"~"]


@given(st.lists(st.sampled_from(PIECES), max_size=9))
def test_no_path_leads_out(pieces: list[bytes]) -> None:
    path = b"/".join(pieces)
    assert b".." not in _parts(path)
    try:
        folder, name = _place(path)
    except SFTPError:
        return
    assert (folder,) in FOLDERS and b"/" not in name and name not in (b".", b"..")


@given(st.text(max_size=80))
def test_only_a_receipts_own_name_is_looked_for(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    mailbox = Mailbox(tmp_path_factory.getbasetemp(), "lincoln-office")
    assert mailbox.path_of(name) is None
    assert "/" not in name or not NAME.fullmatch(name)


@pytest.mark.parametrize(
    "ask",
    [
        lambda home: home.open(b"/receipts/../../secret", FXF_READ, SFTPAttrs()),
        lambda home: home.open(b"/secret", FXF_READ, SFTPAttrs()),
        lambda home: home.open(b"/receipts/x", FXF_WRITE | FXF_CREAT, SFTPAttrs()),
        lambda home: home.open(b"/incoming/a/b", FXF_WRITE | FXF_CREAT, SFTPAttrs()),
        lambda home: home.mkdir(b"/incoming/a", SFTPAttrs()),
        lambda home: home.symlink(b"/secret", b"/incoming/a"),
        lambda home: home.link(b"/secret", b"/incoming/a"),
        lambda home: home.readlink(b"/incoming"),
        lambda home: home.statvfs(b"/"),
        lambda home: home.remove(b"/receipts/x"),
        lambda home: home.rename(b"/receipts/x", b"/incoming/x"),
        lambda home: home.rename(b"/incoming/nothing", b"/incoming/x"),
        lambda home: home.stat(b"/incoming/nothing"),
    ],
)
def test_everything_else_is_refused_with_a_sentence(home: Home, ask: Callable[[Home], object]) -> None:
    async def asked() -> None:
        answer = ask(home)
        if inspect.isawaitable(answer):
            await answer

    with pytest.raises(SFTPError) as refusal:
        asyncio.run(asked())
    assert refusal.value.reason.endswith((".", "days."))
