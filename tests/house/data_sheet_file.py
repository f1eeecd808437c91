"""Writes what the data sheet of an installed portal needs from the tree: `python -m tests.house.data_sheet_file`.

It has the names of all tests that the claims name and that exist, and the data inventory without the marks of its file.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from tests.house.named_tests import NAME_ALONE, ROOT, missing

ROOM = ROOT / "src" / "homeroom" / "portal" / "data_sheet"
FILE = ROOM / "shipped.json"
CONSTANT = re.compile(r"^ *(\w+) = \"([\w./:-]+)\"$", re.MULTILINE)


def named() -> list[str]:
    """Returns every test that a claim names. A folder in braces is a constant of its file."""
    found: set[str] = set()
    for path in ROOM.glob("*.py"):
        text = path.read_text()
        for constant, folder in CONSTANT.findall(text):
            text = text.replace("{" + constant + "}", folder)
        found |= set(NAME_ALONE.findall(text))
    return sorted(found)


def content() -> str:
    inventory: dict[str, Any] = tomllib.loads((ROOT / "docs" / "data-inventory.toml").read_text())
    levels, everywhere, not_personal = (inventory.pop(name) for name in ("levels", "everywhere", "nothing-personal"))
    gone = set(missing(named()))
    words = {
        "tests": [name for name in named() if name not in gone], "levels": {name: level["what"] for name, level in levels.items()},
        "everywhere": everywhere, "not_personal": not_personal, "tables": inventory,
    }  # fmt: skip
    return json.dumps(words, indent=1, ensure_ascii=False) + "\n"


def write(path: Path = FILE) -> None:
    path.write_text(content())


if __name__ == "__main__":
    write()
