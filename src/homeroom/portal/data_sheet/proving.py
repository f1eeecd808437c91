"""Claims of the data sheet, each with its proof. A proof is a test of this version, or a setting that was read just now. Without one there is no sheet.

shipped.json names the tests that exist in this version, and has the data inventory. `python -m tests.house.data_sheet_file` writes it, because an installed
portal may have no tests. It is written from the tree, so a test that is gone is gone from it, too.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "shipped.json"
SETTING = "setting: "


class Unproven(Exception):
    """A claim has no proof. The message is a sentence that names the claim."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """`proofs` are names of tests, or settings such as "setting: tls". `law` is what asks for it, if something does."""

    says: str
    proofs: tuple[str, ...]
    law: str = ""

    @property
    def tests(self) -> list[str]:
        return [proof for proof in self.proofs if not proof.startswith(SETTING)]

    @property
    def settings(self) -> list[str]:
        return [proof.removeprefix(SETTING) for proof in self.proofs if proof.startswith(SETTING)]


@dataclass(frozen=True, slots=True)
class Lacking:
    """What Homeroom doesn't do, or what someone else decides. It promises nothing, so it needs no proof."""

    says: str
    law: str = ""


type Line = Claimed | Lacking


@dataclass(frozen=True, slots=True)
class SheetPart:
    name: str
    title: str
    intro: str
    lines: tuple[Line, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Shipped:
    """What this version has: the names of tests, and the data inventory by table."""

    tests: frozenset[str]
    tables: Mapping[str, Mapping[str, Any]]
    not_personal: Mapping[str, str]


@cache
def shipped() -> Shipped:
    words = json.loads(SHIPPED.read_text())
    return Shipped(frozenset(words["tests"]), words["tables"], words["not_personal"])


def check(parts: Iterable[SheetPart], read: Mapping[str, str], known: Shipped) -> None:
    """Raises Unproven for the first claim without a proof, or with one that this version or this portal doesn't have."""
    for part in parts:
        for line in part.lines:
            if isinstance(line, Claimed):
                check_one(line, read, known)


def check_one(claim: Claimed, read: Mapping[str, str], known: Shipped) -> None:
    """Raises Unproven."""
    if not claim.proofs:
        raise Unproven(f"There is no data sheet, because a claim has no proof: {claim.says}")
    for test in claim.tests:
        if test not in known.tests:
            raise Unproven(f"There is no data sheet, because the test {test} is not in this version. It should prove: {claim.says}")
    for name in claim.settings:
        if name not in read:
            raise Unproven(f"There is no data sheet, because the setting {name!r} could not be read. It should prove: {claim.says}")
