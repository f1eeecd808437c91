"""@guard(ACT) names what a view function does and which committed view comes before it.
Without a guard the database does not know who is asking."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.policy import Act, Risk

type View = Callable[..., HttpResponse]
type Asked = tuple[UUID | None, str, int | None]  # for a list: the subject, the beginnings of names, and the place after which the page continues
type Listing = Callable[[HttpRequest], Asked | None]  # None: the page doesn't list anything yet


class Request(HttpRequest):
    """A request that a guarded view receives. Its actor is set."""

    actor: Actor


@dataclass(frozen=True, slots=True)
class Guarded:
    act: Act
    look: str | None  # the URL's UUID that the view is about. "": everyone the actor may see at home. None: no view is recorded
    fresh: bool = False  # asks for a new proof if the last one is older than ten minutes
    may_open_nothing: bool = False  # the page has content even if its view finds no record
    list: Listing | None = None  # for an act that lists
    words: Callable[[HttpRequest], str] | None = None  # for an act that searches: the words to search for. "": none yet
    is_kept: bool = True  # keeps the form during the new proof. False: the view function reads the body itself, such as a file


def guard(
    act: Act, *, look: str | None = None, list: Listing | None = None, words: Callable[[HttpRequest], str] | None = None,
    fresh: bool = False, may_open_nothing: bool = False, is_kept: bool = True,
) -> Callable[[View], View]:  # fmt: skip
    """Marks a view function for access.asking.Asking, which enforces it. Acts that open records need a view, and acts that list need a listing."""
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
    """Marks a view function that anyone may open, with the reason. tests/house/test_doors reads it."""

    def mark(view: View) -> View:
        view.unguarded = reason  # type: ignore[attr-defined]
        return view

    return mark


def asked_of(guarded: Guarded, request: HttpRequest, kwargs: dict[str, UUID]) -> Asked | None:
    """Returns None if no view is recorded before this request."""
    if guarded.list:
        return guarded.list(request)
    words = guarded.words(request) if guarded.words else ""
    return None if guarded.look is None else (kwargs[guarded.look] if guarded.look else None, words, None)
