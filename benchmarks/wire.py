"""What a page says to PostgreSQL, statement by statement: recorded once, replayed as app, and written as a pgbench script."""

import http.client
import re
import socket
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.ground import Ground
from benchmarks.people import Visitor
from homeroom.portal.access.policy import Act, sides

LOOK = "SELECT look(%s, %s, %s, %s)"
BEGIN_REQUEST = "SELECT begin_request(%s, %s)::text"


@dataclass(frozen=True, slots=True)
class Sent:
    """The look, what begins the request, the view's own queries with their values, and the two ends of the transaction.

    queries: those that are sent together, together.
    """

    proof: bytes
    act: str
    subject: str
    queries: Sequence[Sequence[tuple[str, Any]]]

    @property
    def all(self) -> tuple[str, ...]:
        return (LOOK, "BEGIN", BEGIN_REQUEST, *(statement for statement, _ in chain(*self.queries)), "COMMIT")

    def replay(self, app: psycopg.Connection[Any]) -> None:
        entry = app.execute(LOOK, [self.proof, self.act, self.subject, sides(Act(self.act))], prepare=True).fetchone()[0]  # type: ignore[index]
        with app.transaction():
            app.execute(BEGIN_REQUEST, [self.proof, entry], prepare=True).fetchone()
            for together in self.queries:
                with app.pipeline() if len(together) > 1 else nullcontext():
                    asked = [app.execute(statement.encode(), values, prepare=True) for statement, values in together]
                for cursor in asked:
                    cursor.fetchall()

    def script(self, app: psycopg.Connection[Any]) -> str:
        """For pgbench: the values written in."""
        client = psycopg.ClientCursor(app)
        written = [client.mogrify(statement.encode(), values) for statement, values in chain(*self.queries)]
        proof = f"'\\x{self.proof.hex()}'"
        lines = [
            f"SELECT look({proof}, '{self.act}', '{self.subject}', '{{{','.join(sides(Act(self.act)))}}}') AS entry \\gset",
            "BEGIN;",
            f"SELECT begin_request({proof}, :entry);",
        ]
        return "\n".join([*lines, *(re.sub(r"\s+", " ", query) + ";" for query in written), "COMMIT;"]) + "\n"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket: to the web process itself, without the front."""

    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


class Wire:
    """One keep-alive connection to the web process."""

    def __init__(self, here: Ground) -> None:
        from homeroom.portal.processes.layout import run_folder

        self.here = here
        self._connection = UnixConnection(run_folder(here.portal) / "web.sock")

    def seconds(self, visitor: Visitor) -> float:
        begun = time.perf_counter()
        self._connection.request(
            "GET", visitor.path, headers={"Cookie": visitor.cookie, "Host": f"127.0.0.1:{self.here.place.port}"}
        )
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{visitor.path} answered {answer.status}")
        return time.perf_counter() - begun

    def classes(self, visitor: Visitor) -> int:
        with self.here.connect("owner") as owner:
            found = owner.execute("SELECT count(*) FROM enrollment WHERE person_id = %s", [visitor.student]).fetchone()
            return int(found[0]) if found else 0


def statements_of(wire: Wire, visitor: Visitor) -> Sent:
    """Opens the page once in this process, as the web process would, and writes down what it sends."""
    from benchmarks.recorder import recorded

    queries = recorded(wire.here, visitor)
    act = "child" if visitor.student else "gradebook"
    return Sent(visitor.proof, act, visitor.subject, queries)
