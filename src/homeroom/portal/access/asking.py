"""The middleware that tells PostgreSQL who is asking: a committed view, then one transaction per request that contains the claim."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, LiteralString, cast

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode

from homeroom.portal.access.actor import Actor
from homeroom.portal.access.answers import not_by_card, too_many
from homeroom.portal.access.fresh import is_fresh, prove_first
from homeroom.portal.access.guard import Asked, Guarded, View, asked_of
from homeroom.portal.access.policy import may, sides
from homeroom.portal.addresses import keyed

type Query = tuple[LiteralString, Mapping[str, Any]]  # a page's own query, with the values of its named placeholders

NEVER_UNASKED = 1_000_000_000  # uses of a statement before psycopg prepares it on its own
WITH_ADDRESS: LiteralString = "FROM set_config('homeroom.address', %s, true)"  # before the statement's function, for the security events of this transaction
REFUSED = (403, 404)
ROWS_AT_A_TIME = 500
_log = logging.getLogger("pages")
CLOSED = 0  # look()'s answers in place of an entry's number


class Asking:
    """process_view records the view and claims the request. __call__ closes the transaction after the page is rendered.

    It does not use ATOMIC_REQUESTS, because the claim must come before any statement of the view function. An anonymous request claims '', so that a
    value planted in this pooled session can't answer the next request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.opened = None  # type: ignore[attr-defined]
        try:
            response = self.answer(request)
        except BaseException:
            close(request, keep=False)
            raise
        close(request, keep=response.status_code < 500)
        if response.status_code in REFUSED:
            log_refusal(request)
        return response

    def process_view(self, request: HttpRequest, view: View, _args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        guarded: Guarded | None = getattr(view, "guarded", None)
        if guarded is None:
            return None  # nothing is claimed, so every query of such a view function comes back empty
        proof = proof_of(request)
        asked = asked_of(guarded, request, kwargs)
        request.act = guarded.act  # type: ignore[attr-defined]
        if guarded.fresh and asked:  # before the view is written, so that the access log has no view of a page that no one got
            refused = refusal_of(request, guarded, proof, None)
            if refused is not None:
                return refused
            close(request, keep=True)
        entry = look(proof, guarded, asked, keyed(request.headers)) if asked else None
        if entry is not None and entry < CLOSED:
            return too_many(request, entry)
        return refusal_of(request, guarded, proof, entry)


def refusal_of(request: HttpRequest, guarded: Guarded, proof: bytes, entry: int | None) -> HttpResponse | None:
    """Claims the request. Returns None if the view function may answer. Raises Http404."""
    open_claimed(request, proof, entry)
    actor: Actor | None = request.actor  # type: ignore[attr-defined]
    if actor is None:
        return sign_in_first(request)
    if actor.by_card and not guarded.act.by_card and may(guarded.act, actor.kinds):
        return not_by_card(request)
    if not may(guarded.act, actor.kinds) or (guarded.look and entry == CLOSED and not guarded.may_open_nothing):
        raise Http404
    if guarded.fresh and not is_fresh(actor.proven_at):
        return prove_first(request, is_kept=guarded.is_kept)
    return None


def proof_of(request: HttpRequest) -> bytes:
    """Returns the SHA-256 of the cookie's token, which PostgreSQL gets. Empty if no one is signed in."""
    token = request.COOKIES.get(settings.SESSION_COOKIE, "")
    return hashlib.sha256(token.encode()).digest() if token else b""


class Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """Prepares at the first use, because planning a statement under its policies takes longer than running it, and the pool keeps the connection.
    The server binds the values. Django's cursor would write them, and the proof with them, into pg_stat_activity."""

    def __init__(self, on: psycopg.Connection[tuple[Any, ...]]) -> None:
        on.prepare_threshold = NEVER_UNASKED  # Django sets None, and then psycopg prepares nothing even when asked
        super().__init__(on)

    def execute(
        self, query: Any, params: Any = None, *, prepare: bool | None = True, binary: bool | None = None
    ) -> "Prepared":
        return super().execute(query, params, prepare=prepare, binary=binary)


def server_bound(statement: LiteralString, values: tuple[object, ...]) -> Any:
    """Returns the first column of the first row. It bypasses Django's log of statements, because the proof is among the values."""
    connection.ensure_connection()
    with Prepared(connection.connection) as cursor:
        row = cursor.execute(statement, values).fetchone()
    return row[0] if row else None


def rows(statement: LiteralString, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Runs a page's own query inside the request's claimed transaction. Placeholders are named: %(student)s."""
    with asked(statement, values) as cursor:
        return cast(list[tuple[Any, ...]], cursor.fetchall())


def rows_one_by_one(statement: LiteralString, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Like rows(), for more rows than fit into a page's memory. Read them all before the next query."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Prepared(connection.connection) as cursor:
        yield from cursor.stream(statement, values, size=ROWS_AT_A_TIME)


def rows_of_each(*queries: Query) -> list[list[tuple[Any, ...]]]:
    """Runs queries that don't depend on each other. All are sent before the first answer, so that PostgreSQL works while we read."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursors = [asked(statement, values) for statement, values in queries]
    return [cursor.fetchall() for cursor in cursors]


def asked(statement: LiteralString, values: Mapping[str, Any]) -> Any:
    """Sends a statement and returns its cursor, as Django wraps it."""
    connection.ensure_connection()
    wrapped = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    cursor = wrapped(cast(Any, Prepared(connection.connection)))
    cursor.execute(statement, values)
    return cursor


def look(proof: bytes, guarded: Guarded, asked: Asked, address: str) -> int:
    """Writes and commits the view in its own transaction. Returns the entry's number, CLOSED, or the limit that is reached (answers.py). `address` is
    a keyed hash."""
    subject, words, after = asked
    values = (proof, str(guarded.act), subject, sides(guarded.act), words, after, address)
    return int(server_bound(f"SELECT look(%s, %s, %s, %s, %s, %s) {WITH_ADDRESS}", values))


def open_claimed(request: HttpRequest, proof: bytes, entry: int | None) -> None:
    """Claims the request and sets its actor. Once a minute it begins twice: the first time records that the session was seen, which locks its row.
    A notice to this account would wait for that lock."""
    answer = claimed(request, proof, entry)
    if answer and answer["is_held"]:
        close(request, keep=True)
        answer = claimed(request, proof, entry)
    request.actor = Actor.from_answer(answer) if answer else None  # type: ignore[attr-defined]


def claimed(request: HttpRequest, proof: bytes, entry: int | None) -> dict[str, Any] | None:
    """Returns begin_request()'s answer in a new transaction."""
    block = transaction.atomic()
    block.__enter__()
    request.opened = block  # type: ignore[attr-defined]
    answer = server_bound(f"SELECT begin_request(%s, %s)::text {WITH_ADDRESS}", (proof, entry, keyed(request.headers)))
    return cast(dict[str, Any], json.loads(answer)) if answer else None


def close(request: HttpRequest, *, keep: bool) -> None:
    """Commits what the request did. Rolls it back if the answer was a failure."""
    block = getattr(request, "opened", None)
    if block is None:
        return
    request.opened = None  # type: ignore[attr-defined]
    if not keep:
        transaction.set_rollback(True)
    block.__exit__(None, None, None)


def log_refusal(request: HttpRequest) -> None:
    """Logs that a person who signed in asked for a page or an act that isn't theirs, or isn't there. The person is the id of their page (/people/…)."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None:
        act, address = getattr(request, "act", ""), keyed(request.headers)
        _log.warning("refused: %s, to %s %s, from %s", act, actor.side, actor.uuid, address or "an unknown address")


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Sends the person to sign in, and back to this page afterwards."""
    response = HttpResponseRedirect("/sign-in?" + urlencode({"next": request.get_full_path()}))
    if settings.SESSION_COOKIE in request.COOKIES:
        response.delete_cookie(settings.SESSION_COOKIE)
    return response
