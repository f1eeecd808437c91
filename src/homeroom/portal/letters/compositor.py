"""Typesets one PDF in a new process. typst keeps the memory it used, 60 MB after a class, and a web process must stay small.

press.py runs it with the template's name. The sheet is JSON on standard input, and the PDF is on standard output. With --many each line
is a sheet, and each PDF comes after its length. It holds no secret. Names and other words are passed as data and are never read as typst's markup.
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
MOST_ROUNDS = 4  # each round finds characters that no font here has. An error may name only some of them
NOT_DONE = 3
LENGTH = 8  # bytes before each PDF of many


def composed(template: str, sheet: Mapping[str, Any]) -> bytes | None:
    """Returns a tagged PDF (PDF/UA-1). A character that no font has becomes a question mark. None if typst refuses the sheet."""
    return typeset(compiler_of(template), sheet)


def compiler_of(template: str) -> typst.Compiler:
    # Our fonts, then those of typst and of this host, for names in other scripts.
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[str(HERE / "fonts")])
    return typst.Compiler(str(HERE / template), root=str(HERE), font_paths=fonts)


def typeset(compiler: typst.Compiler, sheet: Mapping[str, Any]) -> bytes | None:
    data = json.dumps(_clean(sheet), ensure_ascii=False)
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
    """Removes what paper doesn't show: control characters, half characters, marks that change the direction of the text after them."""
    if isinstance(value, Mapping):
        return {key: _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    if not isinstance(value, str):
        return value
    return "".join(letter for letter in value if unicodedata.category(letter)[0] != "C") or ("?" if value else "")


def _plain(found: str) -> str:
    """Decodes typst's own escapes of odd characters."""
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), found)


def many(template: str) -> None:
    """Typesets a sheet a line. Its memory grows to about 200 MB, so press.py starts a new process for each batch."""
    compiler = compiler_of(template)
    for line in sys.stdin.buffer:
        pdf = typeset(compiler, json.loads(line))
        if pdf is None:
            sys.exit(NOT_DONE)
        sys.stdout.buffer.write(len(pdf).to_bytes(LENGTH) + pdf)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    if sys.argv[2:] == ["--many"]:
        many(sys.argv[1])
        sys.exit(0)
    pdf = composed(sys.argv[1], json.load(sys.stdin.buffer))
    if pdf is None:
        sys.exit(NOT_DONE)
    sys.stdout.buffer.write(pdf)
