"""Security events of proofs that were wrong, or that had to wait. What was typed is never part of one."""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest

from homeroom.portal.access.asking import server_bound
from homeroom.portal.addresses import keyed
from homeroom.portal.door.devices import device_of

type Kind = Literal["sign in", "second factor", "confirmation", "code", "support"]
type Result = Literal["wrong", "waits", "used up"]


def note(request: HttpRequest, kind: Kind, result: Result = "wrong", *, account: UUID | None = None, what: str = "") -> None:
    """`account` is whose proof it would have been. None: no one's. `what` is a word of ours, such as the kind of proof."""
    device = device_of(request.headers.get("User-Agent", ""))
    server_bound("SELECT note_failure(%s, %s, %s, %s, %s, %s)", (kind, result, account, what, keyed(request.headers), device))
