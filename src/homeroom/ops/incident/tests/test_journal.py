"""The diary's file: private, one writer at a time, and readable after kill -9 at any moment."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.incident.chain import Chain
from homeroom.ops.incident.journal import DIARY, FOLDER, Journal, judged, open_ways

# Writes three lines, and is killed in the fourth: after half of it is written, before it is on the disk, or before its head is.
DYING = """
import os, signal, sys
from pathlib import Path
from homeroom.ops.incident import journal
point, real = sys.argv[2], {"write": os.write, "fsync": os.fsync, "head": journal.write_whole}
one = journal.Journal(Path(sys.argv[1]), "diary")
for at in range(3):
    one.append(lambda _: {"words": f"line {at}"})
def die(*_given): os.kill(os.getpid(), signal.SIGKILL)
if point == "half":
    os.write = lambda handle, content: (real["write"](handle, content[: len(content) // 2]), die())
elif point == "nothing":
    os.write = die
elif point == "break":
    os.write = lambda handle, content: (real["write"](handle, content[:-1]), die())
elif point == "fsync":
    os.fsync = die
elif point == "head":
    journal.write_whole = die
one.append(lambda _: {"words": "line 3"})
"""
FAST = """
import sys
from pathlib import Path
from homeroom.ops.incident.journal import Journal
one, at = Journal(Path(sys.argv[1]), "diary"), 0
while True:
    line = one.append(lambda _: {"words": "x" * 20_000, "by": sys.argv[2]})
    print(line.head.number, flush=True)
"""


def well(journal: Journal) -> str:
    return judged(journal.read(), journal.known_head()).state


@pytest.mark.parametrize(("point", "lines", "state"), [
    ("nothing", 3, "whole"), ("half", 3, "torn"), ("break", 4, "whole"), ("fsync", 4, "whole"), ("head", 4, "whole"),
])  # fmt: skip
def test_a_command_killed_at_any_step_leaves_a_file_that_is_read_and_continued(tmp_path: Path, point: str, lines: int, state: str) -> None:
    ended = subprocess.run([sys.executable, "-c", DYING, str(tmp_path), point], capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    journal = Journal(tmp_path, DIARY)
    assert [line.values["words"] for line in journal.read().lines] == [f"line {at}" for at in range(lines)]
    assert well(journal) == state
    journal.append(lambda _: {"words": "goes on"})
    assert well(journal) == "whole" and journal.read().lines[-1].values["words"] == "goes on"
    assert journal.read().interrupted == (1 if point == "half" else 0)


def test_confirmed_lines_survive_two_writers_that_are_killed_again_and_again(tmp_path: Path) -> None:
    journal, confirmed = Journal(tmp_path, DIARY), set()
    for _ in range(3):
        both = [subprocess.Popen([sys.executable, "-c", FAST, str(tmp_path), name], stdout=subprocess.PIPE, text=True) for name in ("ada", "bo")]
        for each in both:
            assert each.stdout
            confirmed |= {(int(each.stdout.readline()), each.args[4]) for _ in range(4)}  # type: ignore[index]
        for each in both:
            each.kill()
            each.wait()
            assert each.stdout
            confirmed |= {(int(line), each.args[4]) for line in each.stdout.read().split("\n")[:-1]}  # type: ignore[index]
            each.stdout.close()
        assert well(journal) in ("whole", "torn")
    written = {(line.head.number, line.values.get("by")) for line in journal.read().lines}
    assert len(confirmed) > 20 and confirmed <= written


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    """Each decides by what the other has written, and not by what was there before."""
    journal, inside, go = Journal(tmp_path, DIARY), threading.Event(), threading.Event()

    def slow(chain: Chain) -> dict[str, object]:
        inside.set()
        assert go.wait(10)
        return {"saw": chain.head.number}

    first = threading.Thread(target=lambda: journal.append(slow))
    second = threading.Thread(target=lambda: journal.append(lambda chain: {"saw": chain.head.number}))
    first.start()
    assert inside.wait(10)
    second.start()
    second.join(0.2)
    assert second.is_alive() and journal.read().lines == ()
    go.set()
    first.join(10)
    second.join(10)
    assert [line.values["saw"] for line in journal.read().lines] == [0, 1] and well(journal) == "whole"


def test_only_the_operator_can_open_the_files(tmp_path: Path) -> None:
    journal = Journal(tmp_path, DIARY)
    before = os.umask(0)
    try:
        journal.append(lambda _: {"words": "one"})
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / FOLDER, *(tmp_path / FOLDER).iterdir())}
    assert modes == {FOLDER: 0o700, "diary.jsonl": 0o600, "diary.head": 0o600} and open_ways(journal) == []
    journal.path.chmod(0o644)
    assert open_ways(journal) == [journal.path]


def test_a_refusal_writes_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path, DIARY)

    def refuse(_chain: Chain) -> dict[str, object]:
        raise NotDone("No.")

    with pytest.raises(NotDone):
        journal.append(refuse)
    assert journal.read() == Chain() and not journal.path.exists()


def test_a_diary_that_was_cut_stays_marked_and_takes_new_lines(tmp_path: Path) -> None:
    """The next command doesn't make it look whole again."""
    journal = Journal(tmp_path, DIARY)
    for at in range(3):
        journal.append(lambda _, at=at: {"words": f"line {at}"})  # type: ignore[misc]
    journal.path.write_bytes(b"".join(journal.path.read_bytes().splitlines(keepends=True)[:2]))
    assert well(journal) == "cut"
    journal.append(lambda _: {"words": "goes on"})
    assert well(journal) == "cut" and journal.read().lines[-1].values["words"] == "goes on"


def test_a_full_disk_is_an_error_and_the_next_line_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, DIARY)
    journal.append(lambda _: {"words": "one"})

    def full(handle: int, content: bytes, write: object = os.write) -> int:
        if len(content) < 20:
            raise OSError(28, "No space left on device")
        return write(handle, content[:10])  # type: ignore[operator,no-any-return]

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="space"):
        journal.append(lambda _: {"words": "two"})
    monkeypatch.undo()
    assert well(journal) == "torn" and len(journal.read().lines) == 1
    journal.append(lambda _: {"words": "three"})
    assert well(journal) == "whole" and journal.read().lines[-1].values["words"] == "three"


def test_a_line_is_on_the_disk_before_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []

    def note(handle: int, fsync: object = os.fsync) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)  # type: ignore[operator]

    monkeypatch.setattr(os, "fsync", note)
    Journal(tmp_path, DIARY).append(lambda _: {"words": "one"})
    folder = tmp_path.name
    assert synced == [folder, "diary.jsonl", FOLDER, "diary.head.new", FOLDER], "the names in the folders, too"


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("")
    (tmp_path / FOLDER).mkdir(mode=0o700)
    (tmp_path / FOLDER / "diary.jsonl").symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic"):
        Journal(tmp_path, DIARY).append(lambda _: {"words": "one"})
    assert elsewhere.read_text() == ""
