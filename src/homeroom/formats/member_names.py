"""The names that a member of the ZIP may have. Nothing is ever written under them. Bad names are refused anyway, because no export makes a package that tries
to leave its folder.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from homeroom.formats.reasons import PackageRefused, Reason

DRIVE = re.compile(r"^[A-Za-z]:")
ARCHIVES = (".zip", ".gz", ".tgz", ".7z", ".rar", ".xz", ".bz2", ".tar", ".zst", ".jar")
JUNK_NAMES = (".ds_store", "thumbs.db", "desktop.ini")


def check_names(names: Iterable[str]) -> None:
    """Raises PackageRefused for a name that is absolute, leaves its folder, names a drive or hides something behind a NUL."""
    for name in names:
        parts = name.split("/")
        if name.startswith("/") or "\\" in name or "\0" in name or ".." in parts or DRIVE.match(name):
            raise PackageRefused(Reason.ESCAPES)


def is_junk(name: str) -> bool:
    """Returns whether macOS or Windows added the file by itself."""
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name.lower() in JUNK_NAMES or path.name.startswith("._")


def is_archive(name: str) -> bool:
    return name.lower().endswith(ARCHIVES)


def top_folder(names: Sequence[str]) -> str:
    """Returns the one folder that has every file ('' at the root), however deep. Raises PackageRefused if there are several."""
    folders = {name[: name.rfind("/") + 1] for name in names}
    if len(folders) > 1:
        raise PackageRefused(Reason.FOLDERS)
    return folders.pop() if folders else ""
