"""Writes tests/slow.txt, the files that `make test-quick` leaves out and `make test` begins with, from the times of a whole run.

make test ARGS=--junitxml=times.xml && .venv/bin/python -m tools.slow_tests times.xml
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tests/slow.txt"
MOST = 5.0  # seconds for all tests of a file, with their set-up


def slow(times: Path) -> list[str]:
    """Returns the files that took longer, the slowest first. `times` is in JUnit's XML."""
    seconds: Counter[str] = Counter()
    for case in ElementTree.parse(times).iter("testcase"):  # noqa: S314  our own file
        seconds[case.attrib["classname"]] += float(case.attrib["time"])
    return [f"{name.replace('.', '/')}.py" for name, taken in seconds.most_common() if taken > MOST]


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in slow(Path(sys.argv[1]))))
