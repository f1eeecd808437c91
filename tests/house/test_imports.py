"""Modules import each other only as .importlinter says, and nothing in the project names a machine or a registry."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# An address of a package registry, or a path of a machine, has no place in the project.
FOREIGN = re.compile(
    r"https?://(?:[\w.-]*(?:pypi|npmjs|artifactory|nexus|devpi)[\w.-]*)|--index-url\s+http|/work/|\.\./shared/"
)


def test_the_import_contracts_hold() -> None:
    words = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {
        "NO_COLOR": "1",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "src"),
    }  # this tree, not an installed one
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"Contracts: \d+ kept, 0 broken", done.stdout)


def test_no_file_names_a_registry_or_someones_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    found = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".woff2", ".png", ".mo") and path != Path(__file__):
            found += [f"{name}: {hit[0]}" for hit in FOREIGN.finditer(path.read_text(errors="replace"))]
    assert found == []
