"""Eight people at once: keep-alive HTTP clients in processes of their own, each with one person's cookie and one page."""

import http.client
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Load:
    rate: float  # requests a second, all clients together
    p50: float  # ms
    p95: float


def load(port: int, visits: Sequence[tuple[str, str]], seconds: float) -> Load:
    """visits: (cookie, path), one a client."""
    with multiprocessing.get_context("spawn").Pool(len(visits)) as pool:
        times = pool.starmap(_visit, [(port, cookie, path, seconds) for cookie, path in visits])
    every = sorted(second for each in times for second in each)
    cuts = quantiles(every, n=100)
    return Load(len(every) / seconds, cuts[49] * 1000, cuts[94] * 1000)


def _visit(port: int, cookie: str, path: str, seconds: float) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    times: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        begun = time.monotonic()
        connection.request("GET", path, headers={"Cookie": cookie, "Host": f"127.0.0.1:{port}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")  # SystemExit would end the process, and the pool would wait for ever
        times.append(time.monotonic() - begun)
    return times
