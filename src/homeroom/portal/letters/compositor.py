"""The process that sets the type, a new one for each printing: typst keeps what it used, 60 MB after a class, and a web process is small.

Run by press.py with the template's name; the sheet as JSON on standard input, the PDF on standard output. It holds no secret.
Names and other words travel as data and are never read as typst's markup.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent
UNDRAWN = re.compile(r"the text `\"((?:[^\"\\]|\\.)*)\"` could not be displayed")
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
MOST_ROUNDS = 4  # each finds letters that no font here draws, of which a complaint may name a few only
NOT_DONE = 3


def composed(template: str, sheet: Mapping[str, Any]) -> bytes | None:
    """A tagged PDF (PDF/UA-1). A letter that no font draws is a question mark on paper. None where typst refuses the sheet."""
    data = json.dumps(_clean(sheet), ensure_ascii=False)
    # Ours, then what typst and this host have, for names in other scripts.
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[str(HERE / "fonts")])
    compiler = typst.Compiler(str(HERE / template), root=str(HERE), font_paths=fonts)
    for _ in range(MOST_ROUNDS):
        try:
            made = compiler.compile(format="pdf", sys_inputs={"data": data}, pdf_standards=["ua-1"])
        except typst.TypstError as error:
            undrawn = set("".join(_plain(found) for found in UNDRAWN.findall(error.diagnostic))) - set('{}[]":,\\')
            if not undrawn:
                return None
            data = data.translate({ord(letter): "?" for letter in undrawn})
        else:
            assert isinstance(made, bytes)
            return made
    return None


def _clean(value: Any) -> Any:
    """Without what no paper shows: control characters, half letters, marks that turn the direction of what follows."""
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    if not isinstance(value, str):
        return value
    return "".join(letter for letter in value if unicodedata.category(letter)[0] != "C") or ("?" if value else "")


def _plain(found: str) -> str:
    """Of typst's own way to write odd letters."""
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), found)


if __name__ == "__main__":
    pdf = composed(sys.argv[1], json.load(sys.stdin.buffer))
    if pdf is None:
        sys.exit(NOT_DONE)
    sys.stdout.buffer.write(pdf)
