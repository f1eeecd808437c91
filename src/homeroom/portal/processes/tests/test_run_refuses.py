"""A portal that is being removed is not run. A supervisor that was running it doesn't try again."""

from pathlib import Path

import pytest

from homeroom.portal.place import REMOVING, PlaceOdd
from homeroom.portal.processes.portal import CANNOT_RUN, run


@pytest.mark.parametrize("names", [(), ("portal.toml", REMOVING), (REMOVING,)])
def test_a_portal_that_is_being_removed_is_not_started_again(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(PlaceOdd, match="is being removed" if names else "with a portal.toml in it"):
        run(tmp_path)
    assert PlaceOdd in CANNOT_RUN
