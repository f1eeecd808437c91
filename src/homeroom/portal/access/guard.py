"""@guard(ACT): what a view does, and which committed look comes before it. A view without one is answered by a database that knows nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.policy import Act, Risk

type View = Callable[..., HttpResponse]
type Asked = tuple[UUID | None, str, int | None]  # of a list: the subject, the words that names begin with, the place it goes on after
type Listing = Callable[[HttpRequest], Asked | None]  # None: the page lists nothing yet


class Request(HttpRequest):
    """A request that a guarded view receives: actor is set."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Guarded:
    act: Act
    look: str | None  # name of the URL's UUID the look is about; "" for everybody the actor may see at home; None: no look
    fresh: bool = False  # asks again who it is, where the last proof is older than ten minutes
    may_open_nothing: bool = False  # the page says something even where its look finds no record
    list: Listing | None = None  # of an act that lists
    words: Callable[[HttpRequest], str] | None = None  # of an act that searches: whom the page looks for; "": nobody yet
    is_kept: bool = True  # meanwhile the form is kept; False: it was sent for somebody who reads it himself, a file


def guard(
    act: Act, *, look: str | None = None, list: Listing | None = None, words: Callable[[HttpRequest], str] | None = None,
    fresh: bool = False, may_open_nothing: bool = False, is_kept: bool = True,
) -> Callable[[View], View]:  # fmt: skip
    """Marks a view for access.asking.Asking, which enforces it. Acts that open records need a look, acts that list need what they list."""
    if words and (look is None or act.opens is None or not act.opens.searches):
        raise ValueError(f"“{act}” searches for nobody")
    is_list, is_looking = act.opens is not None and act.opens.lists, look is not None or list is not None
    if is_list != (list is not None) or (look is not None and (is_list or act.opens is None)) or (act.risk is Risk.RECORD and not is_looking):
        raise ValueError(f"“{act}” and its look do not go together")

    def mark(view: View) -> View:
        view.guarded = Guarded(act, look, fresh, may_open_nothing, list, words, is_kept)  # type: ignore[attr-defined]
        return view

    return mark


def unguarded(reason: str) -> Callable[[View], View]:
    """Marks a view that anybody may open, with the reason; tests/house/test_doors reads it."""

    def mark(view: View) -> View:
        view.unguarded = reason  # type: ignore[attr-defined]
        return view

    return mark


def asked_of(guarded: Guarded, request: HttpRequest, kwargs: dict[str, UUID]) -> Asked | None:
    """None: no look comes before this request."""
    if guarded.list:
        return guarded.list(request)
    words = guarded.words(request) if guarded.words else ""
    return None if guarded.look is None else (kwargs[guarded.look] if guarded.look else None, words, None)
