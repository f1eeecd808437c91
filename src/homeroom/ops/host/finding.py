"""A finding of the doctor about one thing."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """`told` says how it is and, if something is wrong, what to do."""

    state: Literal["ok", "warn", "bad"]
    what: str
    told: str
