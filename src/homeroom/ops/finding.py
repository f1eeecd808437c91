"""What the doctor found about one thing."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """told: how it is, and where it is not well what to do."""

    state: Literal["ok", "warn", "bad"]
    what: str
    told: str
