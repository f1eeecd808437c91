"""Homeroom in a folder like /root, which lets no one else in. Its processes get there, and see nothing else in that folder."""

import os
import subprocess
import sys
from pathlib import Path

from homeroom.ops.host.mounts import shut_above

CODE = """
import os, sys
from pathlib import Path
from homeroom.ops.host.mounts import open_way
inside = Path(sys.argv[1])
open_way(inside)
print((inside / "kept").read_text(), sorted(path.name for path in inside.parent.iterdir()), flush=True)
(inside / "written").write_text("by a process")
os.setuid(65534)
print((inside / "kept").read_text(), flush=True)
"""


def test_shut_folder_on_the_way_is_found(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    (shut / "a" / "b").mkdir(parents=True)
    (shut / "a").chmod(0o755)
    shut.chmod(0o700)
    found = shut_above([shut / "a" / "b"])
    assert len(found) == 1 and found[0] in (shut, *shut.parents)


def test_another_user_can_reach_the_folder_and_nothing_next_to_it(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    for name in ("inside", "secret"):
        (shut / name).mkdir(parents=True)
        (shut / name / "kept").write_text("kept")
        (shut / name).chmod(0o755)
    shut.chmod(0o700)
    if os.getuid() != 0:
        assert shut_above([shut / "inside"])  # and without root, no process changes its user, so nothing needs a way
        return
    told = subprocess.run([sys.executable, "-c", CODE, str(shut / "inside")], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert told.stdout == "kept ['inside']\nkept\n"
    assert (shut / "inside" / "written").read_text() == "by a process"
    assert sorted(path.name for path in shut.iterdir()) == ["inside", "secret"]
