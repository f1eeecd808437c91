"""Recognizes a column of Social Security numbers by its name and by its values. Such a column refuses the whole file."""

import re
from collections.abc import Iterable

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
JOINED = ("socialsecurity", "socsec", "segurosocial", "ssnumber", "ssnum")
# Areas 000, 666 and 9xx, group 00 and serial 0000 are never assigned.
WRITTEN = re.compile(r"(?!000|666|9)[0-9]{3}([- ])(?!00)[0-9]{2}\1(?!0000)[0-9]{4}")
BARE = re.compile(r"(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}")
FEWEST_WRITTEN, FEWEST_BARE = 3, 20
SHARE = 0.9
FEWEST_AREAS = 40  # California had 60 areas before 2011, when they became random


def names_ssn(name: str) -> bool:
    """Matches SSN, student_ssn, SSN4, StudentSSN and SocialSecurityNumber, but not className, which has the letters by accident."""
    letters = re.sub(r"[^a-z]", "", name.lower())
    if any(word in letters for word in JOINED):
        return True
    return (
        any(word.lower() == "ssn" for word in WORDS.findall(name))
        or letters.startswith("ssn")
        or letters.endswith("ssn")
    )


def looks_like_ssn(values: Iterable[str], *, may_be_bare: bool = True, are_names: bool = False) -> bool:
    """Returns whether most values are written 123-45-6789, or are nine digits that don't count up like a district's own numbers. With `are_names`, a few of
    either are too many, because no name looks like this."""
    filled = [value.strip() for value in values if value.strip()]
    if are_names:
        return sum(1 for value in filled if WRITTEN.fullmatch(value) or BARE.fullmatch(value)) >= FEWEST_WRITTEN
    written = sum(1 for value in filled if WRITTEN.fullmatch(value))
    if written >= FEWEST_WRITTEN and written >= SHARE * len(filled):
        return True
    if not may_be_bare or len(filled) < FEWEST_BARE:
        return False
    bare = [value for value in filled if BARE.fullmatch(value)]
    areas = {value[:3] for value in bare}
    return len(bare) >= SHARE * len(filled) and len(areas) >= min(len(set(bare)) // 2, FEWEST_AREAS)
