"""A finding about one thing, of `homeroom doctor` and `homeroom host harden`."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    """`told` says how it is and, if something is wrong, what to do. "unknown" means that it can't be told, and `told` says why."""

    state: Literal["ok", "warn", "bad", "unknown"]
    what: str
    told: str
