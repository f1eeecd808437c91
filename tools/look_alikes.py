"""Writes access/names/rules_alike.sql: which letters look like Latin ones (UTS 39), and which characters are invisible or only a mark.
Usage: pip download --no-deps confusable_homoglyphs==3.3.1, unzip it, python -m tools.look_alikes confusable_homoglyphs/confusables.json
The rest comes from Python's own tables of Unicode. docs/dependencies.md names the versions. Read the changed lines before you commit them.
"""

import json
import re
import sys
import unicodedata
from pathlib import Path

FILE = Path(__file__).parents[1] / "src/homeroom/portal/access/names/rules_alike.sql"
# Letters that Unicode describes as a Latin letter with something added, in small capitals, or as a flag's.
NAMED = re.compile(r"(?:LATIN|REGIONAL INDICATOR).*? (?:LETTER|LETTER SMALL CAPITAL|SYMBOL LETTER) ([A-Z])(?: WITH .*)?")
WRITTEN_WITH_TWO = {"ß": "ss", "ẞ": "ss", "þ": "th", "Þ": "th"}
WRITTEN_WITH_ONE = {"ð": "d", "Ð": "d"}
# Not of the categories Cf, Mn and Me, and still invisible: fillers, and characters that Unicode reserves for this.
INVISIBLE = {0x115F, 0x1160, 0x3164, 0xFFA0, 0x2065, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)}
LONGEST = 90
SIGNS = ("©", "®")  # stand after a name
SPACES = "\t\n\v\f\r\x85"

HEAD = """-- Written by tools/look_alikes.py from Unicode's list of confusable characters (UTS 39) and its
-- other tables. Don't change it by hand.

-- Returns a text without marks and invisible characters. Letters that look like a Latin one are
-- replaced by it, in lower case. What looks like I or l becomes 1, because it can be either.
CREATE FUNCTION look_alikes_replaced(typed text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SECURITY INVOKER AS $$
DECLARE each text; found text := regexp_replace(normalize(translate(typed,
E'{quotes}',
repeat('''', {many})), NFKD),
E'[{gone}]',
'', 'g');
BEGIN
    found := translate(found,
E'{like}',
'{latin}');
    FOREACH each IN ARRAY string_to_array(
E'{pairs}', ' ') LOOP
        found := replace(found, left(each, 1), substr(each, 2));
    END LOOP;
    RETURN found;
END $$;
"""  # fmt: skip


def plain(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) not in ("Mn", "Me", "Cf"))


def latin(prototype: str) -> str:
    """Returns what a look-alike of this is replaced by, or an empty string."""
    if prototype in ("I", "l"):
        return "1"
    text = WRITTEN_WITH_ONE.get(prototype) or WRITTEN_WITH_TWO.get(prototype) or plain(prototype)
    described = NAMED.fullmatch(unicodedata.name(text, "")) if len(text) == 1 else None
    text = described[1] if described else text
    return text.lower() if (text.isascii() and text.isalpha()) or text == "'" else ""


def look_alikes(known: dict[str, list[dict[str, str]]]) -> tuple[dict[str, str], set[str]]:
    """Returns {look-alike: Latin}, and what looks like an apostrophe."""
    found = {chr(code): latin(chr(code)) for code in range(0x80, 0x20000) if NAMED.fullmatch(unicodedata.name(chr(code), ""))}
    found |= WRITTEN_WITH_ONE | WRITTEN_WITH_TWO
    quotes = set[str]()
    for prototype, like in known.items():
        if prototype in ("0", "1", "m") or not (becomes := latin(prototype)):
            continue
        for each in (one["c"].strip("\u200e") for one in like):
            if becomes == "'":
                quotes |= {each} if len(each) == 1 and not each.isascii() else set()
            elif len(plain(each)) == 1 and not plain(each).isascii() and unicodedata.category(plain(each)) != "Sc" and plain(each) not in SIGNS:
                found[plain(each)] = found.get(plain(each), "") if len(becomes) > 1 and plain(each) in found else becomes
    return {each: becomes for each, becomes in found.items() if plain(each) == each and each != becomes}, quotes | {"‘", "’"}


def invisible() -> str:
    """Returns ranges for a regular expression. Unassigned characters between two of them are in the range."""
    ranges, is_open = list[list[int]](), False
    for code in range(1, 0x110000):  # PostgreSQL's text has no NUL
        kind = unicodedata.category(chr(code))
        if kind in ("Cf", "Mn", "Me") or code in INVISIBLE or (kind == "Cc" and chr(code) not in SPACES):
            if is_open:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
            is_open = True
        elif kind != "Cn":
            is_open = False
    return "".join(escaped(chr(first)) + (f"-{escaped(chr(last))}" if last > first else "") for first, last in ranges)


def escaped(text: str) -> str:
    return "".join(each if each.isascii() and each.isprintable() else f"\\u{ord(each):04x}" if ord(each) < 0x10000 else f"\\U{ord(each):08x}" for each in text)


def lines(text: str) -> str:
    """Breaks a string constant into lines, between two characters."""
    found = [""]
    for unit in re.findall(r"\\u.{4}|\\U.{8}|.", text):
        if len(found[-1]) + len(unit) > LONGEST:
            found.append("")
        found[-1] += unit
    return "'\n'".join(found)


def main() -> None:
    found, quotes = look_alikes(json.loads(Path(sys.argv[1]).read_text()))
    ones = sorted((becomes, each) for each, becomes in found.items() if len(becomes) == 1)
    pairs = " ".join(escaped(each) + becomes for each, becomes in sorted(found.items()) if len(becomes) > 1)
    FILE.write_text(HEAD.format(
        quotes=lines(escaped("".join(sorted(quotes)))), many=len(quotes), gone=lines(invisible()), pairs=lines(pairs),
        like=lines(escaped("".join(each for _, each in ones))), latin=lines("".join(becomes for becomes, _ in ones))))  # fmt: skip


if __name__ == "__main__":
    main()
