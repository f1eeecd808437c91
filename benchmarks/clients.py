"""Clients that send and read by hand. http.client's work on an answer's head would count as the portal's time, and eight such clients would take it from the
portal's two cores. Eight people are one process each, with one person's cookie and one page.
"""

import multiprocessing
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

HEAD_ENDS, LENGTH = b"\r\n\r\n", re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def request(method: str, path: str, port: int, cookie: str, form: str = "") -> bytes:
    """Returns the request as it is sent, with a connection that is kept alive."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: {cookie}"]
    if form:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
    return "\r\n".join([*lines, "", form]).encode()


def asked(over: socket.socket, words: bytes) -> int:
    """Returns the answer's status once its last byte is here. Raises ConnectionError if the other side hung up."""
    over.sendall(words)
    answer = b""
    while (end := answer.find(HEAD_ENDS)) < 0:
        answer += received(over)
    size = LENGTH.search(answer, 0, end)
    if size is None:
        raise RuntimeError("An answer does not say how long it is.")
    left = int(size[1]) - (len(answer) - end - len(HEAD_ENDS))
    while left > 0:
        left -= len(received(over))
    return int(answer.split(b" ", 2)[1])


def received(over: socket.socket) -> bytes:
    piece = over.recv(1 << 20)
    if not piece:
        raise ConnectionResetError("The other side closed the connection.")
    return piece


@dataclass(frozen=True, slots=True)
class Load:
    rate: float  # requests a second, all clients together
    p50: float  # ms
    p95: float


def load(port: int, visits: Sequence[tuple[str, str]], seconds: float) -> Load:
    """`visits` are (cookie, path), one per client."""
    with multiprocessing.get_context("spawn").Pool(len(visits)) as pool:
        times = pool.starmap(_visit, [(port, cookie, path, seconds) for cookie, path in visits])
    every = sorted(second for each in times for second in each)
    cuts = quantiles(every, n=100)
    return Load(len(every) / seconds, cuts[49] * 1000, cuts[94] * 1000)


def _visit(port: int, cookie: str, path: str, seconds: float) -> list[float]:
    words = request("GET", path, port, cookie)
    times: list[float] = []
    until = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        while time.monotonic() < until:
            begun = time.monotonic()
            status = asked(connection, words)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")  # SystemExit would end the process, and the pool would wait forever
            times.append(time.monotonic() - begun)
    return times
