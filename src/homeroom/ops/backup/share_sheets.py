"""The sheets of a restore key's shares: one for each share and holder. The words are read from paper when everything else is lost."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from homeroom.portal.letters.press import printed
from homeroom.seal.shares import OF, ReadShare
from homeroom.seal.wrapping import named


def share_sheet(share: ReadShare, district: str, public: bytes, made: date) -> bytes:
    """Returns one page as tagged PDF. Raises Unprintable."""
    return printed("share.typ", _words(share, district, public, made))


def set_name(shares: Sequence[ReadShare]) -> str:
    return f"Set {shares[0].set_number:05}"


def _words(share: ReadShare, district: str, public: bytes, made: date) -> dict[str, Any]:
    return {
        "title": f"Restore key: share {share.number} of {OF}",
        "district": district,
        "made": f"{made:%B} {made.day}, {made.year}",
        "set": set_name([share]),
        "key_name": named(public),
        "purpose": (
            f"Backups of the school portal of {district} open with this key alone. Any two of its three shares make the key; one alone tells "
            "nothing. When the portal is lost, two holders bring their sheets, and the portal comes back. No computer keeps these words."
        ),
        "words": list(share.words),
        "keeping_heading": "Keep it",
        "keeping": [
            "In a safe, in a closed envelope, in another building than the other two sheets.",
            "Never photograph, copy or mail it. Never type it anywhere but into “homeroom” on the computer that restores, or that tries the sheets.",
            "Two sheets never travel together, and no one person keeps two.",
        ],
        "lost_heading": "If it is lost, or someone saw it",
        "lost": [
            "Tell the operator and the other two holders the same day. The backups still open with the other two sheets.",
            "With those two, “homeroom keys shares --again” makes three new sheets of the same key. Then destroy every sheet of this set: "
            "two old ones go on making the key.",
            "If two are lost, or the same people may have seen two, a new key is made: “homeroom keys make”.",
        ],
        "holders_heading": "Who holds the three (write it on all of them)",
        "holders": [_holder(number, is_this=number == share.number) for number in range(1, OF + 1)],
    }


def _holder(number: int, *, is_this: bool) -> dict[str, Any]:
    return {"name": f"Share {number}" + (" (this one)" if is_this else ""), "is_this": is_this}
