"""Checks what the office prints with poppler (pdftotext, pdfinfo, pdftoppm) and zbar: the words, the tags, the squares."""

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Route

from homeroom.ops.answers import NotDone

PACKAGES = {"pdftotext": "poppler-utils", "zbarimg": "zbar-tools"}
CARD = re.compile(r"#([a-z]+(?:-[a-z]+)+-[0-9]{3})$")
CODE = re.compile(r"\b[2-9A-HJ-KM-NP-Z]{5}(?: [2-9A-HJ-KM-NP-Z]{5}){2}\b")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`squares` has the text of each square, in the order they were found."""

    text: str
    is_tagged: bool
    pages: int
    squares: tuple[str, ...]

    @property
    def code(self) -> str:
        """Returns a letter's code. Raises NotDone."""
        found = CODE.search(self.text)
        if found is None:
            raise NotDone("No code stands on the letter.")
        return found[0]

    def told(self) -> str:
        return f"{self.pages} pages, {'tagged' if self.is_tagged else 'NOT tagged'}, {len(self.squares)} squares"


def printed(page: Page, button: str) -> Sheet:
    """Returns what the browser was given to print. Raises NotDone if it is no PDF."""
    kept: list[bytes] = []

    def keep(route: Route) -> None:
        answer = route.fetch()
        kept.append(answer.body())
        route.fulfill(response=answer)

    place = re.compile(".*/(print|change)$")
    page.route(place, keep)
    with page.expect_response(place):
        page.click(button)
    page.unroute(place)
    return read(kept[0])


def read(pdf: bytes) -> Sheet:
    """Raises NotDone."""
    for tool, package in PACKAGES.items():
        if shutil.which(tool) is None:
            raise NotDone(f"{tool} is missing. Install Debian's package {package}.")
    with tempfile.TemporaryDirectory(prefix="homeroom-sheet-") as folder:
        path = Path(folder) / "sheet.pdf"
        path.write_bytes(pdf)
        facts = told_by("pdfinfo", str(path))
        told_by("pdftoppm", "-r", "110", "-gray", "-png", str(path), str(path.with_suffix("")))
        pictures = sorted(map(str, Path(folder).glob("*.png")))
        squares = told_by("zbarimg", "-q", "--raw", *pictures).splitlines()
        pages = re.search(r"^Pages:\s+(\d+)", facts, re.MULTILINE)
        is_tagged = re.search(r"^Tagged:\s+yes", facts, re.MULTILINE) is not None
        return Sheet(told_by("pdftotext", "-layout", str(path), "-"), is_tagged, int(pages[1]) if pages else 0, tuple(squares))


def told_by(*line: str) -> str:
    """Raises NotDone."""
    ended = subprocess.run(line, capture_output=True, text=True)
    if ended.returncode:
        raise NotDone(f"{line[0]}: {(ended.stderr.strip() or 'no word').splitlines()[-1]}")
    return ended.stdout
