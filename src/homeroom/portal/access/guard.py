"""@guard(ACT): what a view does, and which committed look comes before it. A view without one is answered by a database that knows nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.policy import Act, Risk

type View = Callable[..., HttpResponse]


class Request(HttpRequest):
    """A request that a guarded view receives: actor is set."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Guarded:
    act: Act
    look: str | None  # name of the URL's UUID the look is about; "" for everybody the actor may see at home; None: no look
    fresh: bool = False  # asks again who it is, where the last proof is older than ten minutes
    may_open_nothing: bool = False  # the page says something even where its look finds no record
    is_kept: bool = True  # meanwhile the form is kept; False: it was sent for somebody who reads it himself, a file


def guard(act: Act, *, look: str | None = None, fresh: bool = False, may_open_nothing: bool = False, is_kept: bool = True) -> Callable[[View], View]:
    """Marks a view for access.asking.Asking, which enforces it. Acts that open records need a look."""
    if (act.risk is Risk.RECORD and look is None) or (look is not None and act.opens is None):
        raise ValueError(f"“{act}” and its look do not go together")

    def mark(view: View) -> View:
        view.guarded = Guarded(act, look, fresh, may_open_nothing, is_kept)  # type: ignore[attr-defined]
        return view

    return mark


def unguarded(reason: str) -> Callable[[View], View]:
    """Marks a view that anybody may open, with the reason; tests/house/test_doors reads it."""

    def mark(view: View) -> View:
        view.unguarded = reason  # type: ignore[attr-defined]
        return view

    return mark


def subject_of(guarded: Guarded, kwargs: dict[str, UUID]) -> UUID | None:
    return kwargs[guarded.look] if guarded.look else None
