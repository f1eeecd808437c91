"""The vault's keys for an operator and two holders: what is made, what is refused, and what is never shown."""

import json
import os
import pty
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.ops.__main__ import app, sentence
from homeroom.ops.backup import restore_keys
from homeroom.ops.backup.restore_keys import SIZE, check_alone, make_key, read_public
from homeroom.seal.opening.shares import joined
from homeroom.seal.shares import ReadShare
from homeroom.seal.wrapping import Pair, named

Key = tuple[Pair, tuple[ReadShare, ...]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "lincoln"


@pytest.fixture(scope="module")
def key(folder: Path) -> Key:
    return make_key("Lincoln Unified", folder)


def ran(*words: object, typed: str = "") -> str:
    """Returns the command's output."""
    done = CliRunner().invoke(app, ["keys", *map(str, words)], input=typed)
    assert done.exit_code == 0, done.exception or done.output
    return done.output


def refused(*words: object, typed: str = "") -> str:
    done = CliRunner().invoke(app, ["keys", *map(str, words)], input=typed)
    assert isinstance(done.exception, Exception) and not isinstance(done.exception, SystemExit), done.output
    return sentence(done.exception)


def files(where: Path, shares: Sequence[ReadShare]) -> list[str]:
    """Returns the shares as options."""
    words = []
    for share in shares:
        path = where / f"words-{share.set_number}-{share.number}"
        path.write_text(" ".join(share.words))
        words += ["--share", str(path)]
    return words


def paper(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_key_leaves_its_public_half_and_three_sheets_and_nothing_else(folder: Path, key: Key) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["restore.pub", "share-1.pdf", "share-2.pdf", "share-3.pdf"]
    assert read_public(folder / "restore.pub") == key[0].public
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.pdf")} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_secret_is_in_no_file(folder: Path, key: Key) -> None:
    written = everything_in(folder)
    secret = key[0].secret
    assert not any(form in written for form in (secret, secret.hex().encode(), b64encode(secret)))


def test_each_sheet_holds_its_own_words_and_no_other_ones(folder: Path, key: Key) -> None:
    pair, shares = key
    for share in shares:
        sheet = paper(folder / f"share-{share.number}.pdf")
        read = dict(re.findall(r"\b(\d{1,2}) +([a-z]+)\b", sheet))
        assert tuple(read[str(number)] for number in range(1, 34)) == share.words
        assert f"share {share.number} of 3" in sheet and named(pair.public) in sheet and f"Set {share.set_number:05}" in sheet
        assert sheet.count("\f") == 1  # one page
        assert b"/StructTreeRoot" in (folder / f"share-{share.number}.pdf").read_bytes()


def test_words_typed_from_two_sheets_of_paper_open_the_key(folder: Path, key: Key) -> None:
    lines = []
    for number in (3, 1):
        read = dict(re.findall(r"\b(\d{1,2}) +([a-z]+)\b", paper(folder / f"share-{number}.pdf")))
        lines.append(" ".join(f"{n}. {read[str(n)]}" for n in range(1, 34)))
    said = ran("shares", "--public", folder / "restore.pub", "--trial", typed="\n".join(lines) + "\n")
    assert said.endswith(f" key {named(key[0].public)}.\n") and said.count("\n") == 1


def test_words_are_shown_only_on_request_and_never_in_json(tmp_path: Path) -> None:
    said = ran("make", "Lincoln Unified", "--out", tmp_path / "a", "--trial")
    asked = ran("make", "Lincoln Unified", "--out", tmp_path / "b", "--trial", "--print-words")
    scripted = ran("make", "Lincoln Unified", "--out", tmp_path / "c", "--trial", "--print-words", "--json")
    assert "academic" in asked and len(re.findall(r"^ *\d+ [a-z]+$", asked, re.MULTILINE)) == 99  # word 3 of a share of one group
    assert "academic" not in said and "academic" not in scripted
    assert set(json.loads(scripted)) == {"key", "set", "sheets"}


def test_nothing_is_written_over(folder: Path, key: Key) -> None:
    before = everything_in(folder)
    assert "not empty" in refused("make", "Lincoln Unified", "--out", folder, "--trial")
    assert everything_in(folder) == before


def test_a_computer_on_a_network_makes_no_key_and_accepts_no_share(tmp_path: Path, folder: Path, key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = tmp_path / "route"
    routes.write_text("Iface\tDestination\neth0\t00000000\n")
    monkeypatch.setattr(restore_keys, "ROUTES", (routes, tmp_path / "none"))
    assert "on a network (eth0)" in refused("make", "Lincoln Unified", "--out", tmp_path / "new")
    assert "on a network (eth0)" in refused("shares", "--public", folder / "restore.pub", *files(tmp_path, key[1][:2]))
    assert not (tmp_path / "new").exists()


def test_without_a_network_sheets_are_written_to_memory_and_not_to_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("route", "Iface\nlo\t1\n"), ("ipv6", "0 0 lo\n"), ("mounts", "x / ext4\ny /mem tmpfs rw\nz /mem/disk ext4 rw\n")):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(restore_keys, "ROUTES", (tmp_path / "route", tmp_path / "ipv6"))
    monkeypatch.setattr(restore_keys, "MOUNTS", tmp_path / "mounts")
    for on_disk in ("/mem/disk/new", "/memory", "/srv"):
        with pytest.raises(restore_keys.NotDone, match="lies on a disk"):
            check_alone(Path(on_disk))
    check_alone(Path("/mem/new"))
    check_alone(None)


def test_shares_of_another_key_do_not_pass_for_this_one(tmp_path: Path, folder: Path, key: Key) -> None:
    _, others = make_key("Harbor Unified", tmp_path / "harbor")
    told = refused("shares", "--public", folder / "restore.pub", "--trial", *files(tmp_path, others[:2]))
    assert "not the one" in told and "on the sheets" in told


def test_one_lost_sheet_becomes_three_new_ones_of_the_same_key(tmp_path: Path, folder: Path, key: Key) -> None:
    pair, shares = key
    words = ("--trial", "--again", "--district", "Lincoln Unified", "--out", tmp_path / "new", "--print-words")
    said = ran("shares", "--public", folder / "restore.pub", *files(tmp_path, shares[1:]), *words)
    assert "The old sheets" in said
    new = [" ".join(re.findall(r"^ *\d+ ([a-z]+)$", part, re.MULTILINE)) for part in said.split("Share ")[1:]]
    assert len(new) == 3 and not (tmp_path / "new" / "restore.pub").exists()
    assert ran("shares", "--public", folder / "restore.pub", "--trial", typed=f"{new[0]}\n{new[2]}\n").startswith("These shares open")
    mixed = refused("shares", "--public", folder / "restore.pub", "--trial", typed=f"{new[0]}\n{' '.join(shares[1].words)}\n")
    assert "different sets" in mixed
    assert joined(shares[:2]) == pair.secret  # this is why the old ones are destroyed


def test_the_size_of_a_public_half_is_that_of_its_file(folder: Path) -> None:
    there = (folder / "restore.pub").stat().st_size
    assert there == SIZE and f"It has {there:,} bytes" in (Path(__file__).parents[5] / "docs" / "vault-keys.md").read_text()


def test_new_sheets_are_not_made_from_one_share(tmp_path: Path, folder: Path, key: Key) -> None:
    words = ("--trial", "--again", "--district", "Lincoln Unified", "--out", tmp_path / "new")
    assert "It takes 2 shares" in refused("shares", "--public", folder / "restore.pub", *files(tmp_path, key[1][:1]), *words)
    assert not (tmp_path / "new").exists()


def test_a_public_half_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "restore.pub").write_text("AAAA")
    told = refused("shares", "--public", tmp_path / "restore.pub", "--trial")
    assert "has 4 bytes," in told and f"has {SIZE}." in told
    (tmp_path / "restore.pub").write_text("ssh-ed25519 AAAA")
    assert "no public half" in refused("shares", "--public", tmp_path / "restore.pub", "--trial")


def at_a_terminal(words: Sequence[str], lines: Sequence[str]) -> str:
    """Returns all text of the screen. Each line is typed after a question appears."""
    pid, screen = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "homeroom.ops", *words])  # noqa: S606  a terminal of its own
    seen, waiting = b"", list(lines)
    while True:
        try:
            piece = os.read(screen, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        if waiting and piece.rstrip().endswith(b"(or several):"):
            os.write(screen, waiting.pop(0).encode() + b"\n")
    os.waitpid(pid, 0)
    return seen.decode()


def test_a_terminal_hides_typed_words_and_asks_again_for_a_wrong_one(folder: Path, key: Key) -> None:
    first, second = (list(share.words) for share in key[1][:2])
    lines = [*first[:5], "wrongword", " ".join(first[5:]), " ".join([*second[:-1], second[0]]), " ".join(second)]
    screen = at_a_terminal(["keys", "shares", "--public", str(folder / "restore.pub"), "--trial"], lines)
    assert "These shares open" in screen
    assert "Word 6 is not" in screen and "Type this share" in screen
    assert not [line for line in [*lines[4:], "academic"] if line in screen]
