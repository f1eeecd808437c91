"""A portal that is not whole, or no longer there, is not run: a supervisor that has run it until now takes the answer for the last one."""

from pathlib import Path

import pytest

from homeroom.portal.place import HALF_MADE
from homeroom.portal.processes.portal import run
from homeroom.portal.processes.supervise import CANNOT_START


@pytest.mark.parametrize("names", [(), ("portal.toml", HALF_MADE), (HALF_MADE,)])
def test_what_is_being_removed_is_not_started_again(tmp_path: Path, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(SystemExit) as left:
        run(tmp_path)
    assert left.value.code == CANNOT_START and capsys.readouterr().err == f"{tmp_path} is not a whole portal.\n"
