"""Records once what a page sends to PostgreSQL and replays it as app. Also times the page itself."""

import socket
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from typing import Any

import psycopg

from benchmarks.clients import asked, request
from benchmarks.ground import Ground
from benchmarks.people import Visitor
from homeroom.portal.access.policy import acts, sides

LOOK = "SELECT look(%s, %s, %s, %s)"
LISTING = "SELECT look(%s, %s, %s, %s, %s)"
BEGIN_REQUEST = "SELECT begin_request(%s, %s)::text"
SIDES_OF = {str(act): sides(act) for act in acts()}


@dataclass(frozen=True, slots=True)
class Sent:
    """The call of look(), the beginning of the request, the view's own queries with their values, and the transaction's two ends.

    `queries` are in groups that are sent together.
    """

    proof: bytes
    act: str
    subject: str
    queries: Sequence[Sequence[tuple[str, Any]]]

    @property
    def all(self) -> tuple[str, ...]:
        return (LOOK, "BEGIN", BEGIN_REQUEST, *(statement for statement, _ in chain(*self.queries)), "COMMIT")

    def replay(self, app: psycopg.Connection[Any]) -> None:
        entry = look(app, self.proof, self.act, self.subject)
        with app.transaction():
            app.execute(BEGIN_REQUEST, [self.proof, entry], prepare=True).fetchone()
            for together in self.queries:
                with app.pipeline() if len(together) > 1 else nullcontext():
                    asked = [app.execute(statement.encode(), values, prepare=True) for statement, values in together]
                for cursor in asked:
                    cursor.fetchall()


def look(app: psycopg.Connection[Any], proof: bytes, act: str, subject: str | None, words: str = "") -> int:
    """Writes a view's entry, as the portal does before each page that shows a record. Returns the entry's number. `words` are the search words of a list."""
    values = [proof, act, subject, SIDES_OF[act], *([words] if words else [])]
    (entry,) = app.execute(LISTING if words else LOOK, values, prepare=True).fetchone() or (0,)
    if entry <= 0:
        raise SystemExit(f"look() answered {entry} for {act}")
    return int(entry)


class Wire:
    """One keep-alive connection directly to the web process, without the front."""

    def __init__(self, here: Ground) -> None:
        from homeroom.portal.processes.layout import run_folder

        self.here = here
        self._path = str(run_folder(here.portal) / "web.sock")
        self._socket: socket.socket | None = None  # connected at the first request, when perhaps only one worker is left to answer

    def _connected(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(30)
        made.connect(self._path)
        return made

    def seconds(self, visitor: Visitor) -> float:
        """Returns the seconds until the answer's last byte. Uses a new connection if the last one waited too long for its next request."""
        if self._socket is not None:
            try:
                return self._timed(self._socket, visitor)
            except ConnectionError:
                self._socket.close()
        self._socket = self._connected()
        return self._timed(self._socket, visitor)

    def _timed(self, over: socket.socket, visitor: Visitor) -> float:
        words = request("GET", visitor.path, self.here.place.port, visitor.cookie)
        begun = time.perf_counter()
        status = asked(over, words)
        took = time.perf_counter() - begun
        if status != 200:
            raise SystemExit(f"{visitor.path} answered {status}")
        return took

    def classes(self, visitor: Visitor) -> int:
        with self.here.connect("owner") as owner:
            found = owner.execute("SELECT count(*) FROM enrollment WHERE person_id = %s", [visitor.student]).fetchone()
            return int(found[0]) if found else 0


def statements_of(wire: Wire, visitor: Visitor) -> Sent:
    """Opens the page once in this process, as the web process would, and records what it sends."""
    from benchmarks.recorder import recorded

    queries = recorded(wire.here, visitor)
    return Sent(visitor.proof, visitor.act, visitor.subject, queries)
