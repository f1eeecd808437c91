"""docs/keys.md lists every secret, and every place that uses a hash, a cipher or chance."""

import re
from pathlib import Path

import pytest

from homeroom.portal.door.hashing import Argon2id
from homeroom.portal.door.recovery_codes import LENGTH, LETTERS
from homeroom.portal.letters import card, code
from homeroom.portal.processes.owners import TABLE
from homeroom.seal import keys

SOURCE = Path(__file__).parents[2] / "src/homeroom"
PAGE = (SOURCE.parents[1] / "docs/keys.md").read_text()
OLD = re.compile(r"md5|sha1|SHA1|\bCFB\b|\bECB\b|\bCBC\b|TripleDES|ARC4|Blowfish|PKCS1v15|\bDSA\b", re.IGNORECASE)
KEYED = re.compile(r"hmac\.(?:digest|new)\(")
CHANCE = re.compile(r"^\s*(?:import random|from random import)", re.MULTILINE)
MADE_UP = "ops/demo/madeup/"  # made-up people, the same with each run


def modules() -> dict[str, str]:
    return {str(path.relative_to(SOURCE)): path.read_text() for path in SOURCE.rglob("*.py") if "tests" not in path.parts}


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_each_secret_has_a_row_with_its_holder() -> None:
    listed = {}
    for names, holders in re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", section("A portal's secrets"), re.MULTILINE):
        found = re.findall(r"`([^`]+)`", names)
        listed |= dict(zip(found, (holders.split(", ") * len(found))[: len(found)], strict=True))
    assert listed == {own.path.removeprefix("secrets/"): own.owner or "operator" for own in TABLE if own.path.startswith("secrets/")}


def test_lifetimes_and_bits_are_those_of_the_code() -> None:
    assert (keys.LIFETIME.days, keys.GRACE.days, Argon2id.memory_cost, Argon2id.time_cost, card.MEMORY, card.PASSES) == (730, 30, 19 << 10, 2, 19 << 10, 2)
    bits = (len(code.ALPHABET) ** code.RANDOM, len(card.words()) ** card.WORDS * 10**card.DIGITS, len(LETTERS) ** LENGTH)
    assert "codes {}, sign-in cards {}, recovery codes {}".format(*(each.bit_length() - 1 for each in bits)) in PAGE


@pytest.mark.parametrize("use", [OLD, KEYED], ids=["old", "keyed"])
def test_each_place_that_uses_it_is_named(use: re.Pattern[str]) -> None:
    assert {name for name, text in modules().items() if use.search(text) and f"`{name}`" not in section("Algorithms")} == set()


def test_chance_that_can_be_guessed_is_for_made_up_people_only() -> None:
    assert {name for name, text in modules().items() if CHANCE.search(text) and not name.startswith(MADE_UP)} == set()


@pytest.mark.parametrize(("use", "made_up"), [(OLD, "hashlib.md5(secret)"), (OLD, "ECB()"), (KEYED, "hmac.new(key, text)"), (CHANCE, "    import random")])
def test_a_use_that_is_made_up_would_be_found(use: re.Pattern[str], made_up: str) -> None:
    assert use.search(made_up)
