"""Tables that leave: each CSV that a person gets, for a spreadsheet. No cell of it is a formula (CWE-1236)."""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

NBSP = "\N{NO-BREAK SPACE}"
# What a spreadsheet may skip before a sign: Unicode's spaces, controls and format characters, and others without a width.
SKIPPED = (
    "\\s\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# A spreadsheet reads a cell with this beginning as a formula, and a district's file may contain one. In some countries cells end at ";", where a quotation
# mark begins the next one. A Japanese keyboard writes wide signs. A run of spaces always matches as a whole, so a long one takes no longer than its length.
BEGINNING = re.compile(rf'((?:^|[;,|\t\r\n])[{SKIPPED}"]*+)([=+\-@＝＋－＠﹦﹢﹣﹫]?)')


def write_table(to: TextIO, names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes CSV with a byte order mark. Without it a spreadsheet reads accents wrong."""
    to.write("\ufeff")
    writer = csv.writer(to, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    writer.writerows([plain(cell) for cell in row] for row in rows)


def plain(cell: str) -> str:
    """Puts an apostrophe before what would begin a formula. So the cell is text in every spreadsheet. A line of a table never breaks at a space."""
    return BEGINNING.sub(lambda found: f"{found[1]}'{found[2]}" if found[2] else found[1], cell.replace(NBSP, " "))
