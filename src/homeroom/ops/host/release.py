"""The release of a portal's tables and rules: a digest of the migrations, *.sql files and declarations that made them."""

import hashlib
from pathlib import Path

from homeroom.ops.answers import NotDone

ROOMS = Path(__file__).parents[2] / "portal"
STAMP = "release"


def this_release() -> str:
    """Returns 16 hex digits."""
    whole = hashlib.sha256()
    writers = [ROOMS / "access" / f"{name}.py" for name in ("policy", "declared", "protect")]
    for path in sorted([*ROOMS.glob("*/migrations/*.py"), *ROOMS.glob("*/acts.py"), *ROOMS.rglob("*.sql"), *writers]):
        whole.update(str(path.relative_to(ROOMS)).encode() + path.read_bytes())
    return whole.hexdigest()[:16]


def is_current(portal: Path) -> bool:
    path = portal / STAMP
    return path.exists() and path.read_text().strip() == this_release()


def stamp(portal: Path) -> None:
    (portal / STAMP).write_text(this_release() + "\n")
    (portal / STAMP).chmod(0o644)


def check_release(portal: Path) -> None:
    """Raises NotDone if the tables are of another release, because pages would fail on them."""
    if not is_current(portal):
        raise NotDone(
            f"The database of {portal.name} is of another release. Run `homeroom portal upgrade {portal.name}`."
        )
