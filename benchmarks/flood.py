"""An attack from 50 addresses: 2,000 slow connections and 200 wrong sign-ins a second, together with people who read pages."""

import multiprocessing
import secrets
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle
from urllib.parse import urlencode

import psutil

from benchmarks.clients import asked, load, request
from benchmarks.figures import Figure, at_least, at_most, reported
from benchmarks.ground import Ground
from benchmarks.memory import weights
from benchmarks.people import parents

SECONDS = 60.0
ATTACKERS = 2  # processes
ADDRESSES, SLOW, A_SECOND = 25, 1000, 100  # of each attacker
BYTES_APART = 5.0  # seconds between two bytes of a slow connection
REST = 60.0  # seconds after the attack


def figures(here: Ground, seconds: float = SECONDS) -> Iterator[Figure]:
    visits = [(visitor.cookie, visitor.whole) for visitor in parents(here, 8)]
    alone = load(here.place.port, visits, seconds / 3).rate
    before = weighed(here)
    with multiprocessing.get_context("spawn").Pool(ATTACKERS) as pool:
        attacks = [pool.apply_async(attack, (here.place.port, here.place.slug, number, seconds + 5)) for number in range(ATTACKERS)]
        time.sleep(5)
        beside = load(here.place.port, visits, seconds - 5).rate
        during = weighed(here)
        answers = sum((each.get() for each in attacks), Counter[str]())
    yield at_least("a child's page during an attack by 50 addresses, against alone", beside / alone, 0.5, f"{beside:.0f} requests/s; alone {alone:.0f}/s")
    told = ", ".join(f"{many} {status}" for status, many in answers.most_common())
    yield reported("answers to the attack a second", answers.total() / (seconds + 5), told)
    for name in ("front", "door"):
        yield at_most(f"memory of {name} during the attack, MB (PSS)", during[name], 150, "")
    time.sleep(REST)
    after = weighed(here)
    for name in ("front", "door"):
        said = f"{after[name]:.0f} MB; before {before[name]:.0f} MB; in the attack {during[name]:.0f} MB"
        yield reported(f"memory of {name} a minute after the attack, against before it", after[name] / before[name], said)


def weighed(here: Ground) -> dict[str, float]:
    assert here.running is not None
    return weights(psutil.Process(here.running.pid))


def attack(port: int, slug: str, number: int, seconds: float) -> Counter[str]:
    """Returns what the wrong sign-ins were answered, and how many slow connections the portal closed."""
    addresses, counted = cycle(f"127.1.{number}.{last}" for last in range(1, ADDRESSES + 1)), Counter[str]()
    until, begun, turn = time.monotonic() + seconds, time.monotonic(), 0
    slow: list[socket.socket] = []
    next_byte = begun
    with ThreadPoolExecutor(32) as pool:
        tries = []
        while time.monotonic() < until:
            while len(slow) < SLOW and len(slow) < 10 * (turn + 1):
                slow.append(called(port, next(addresses), b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "))
            if time.monotonic() > next_byte:
                next_byte += BYTES_APART
                slow = still(slow, counted)
            tries.append(pool.submit(wrong, port, slug, next(addresses)))
            turn += 1
            time.sleep(max(0.0, begun + turn / A_SECOND - time.monotonic()))
        counted.update(str(each.result()) for each in tries)
    for connection in slow:
        connection.close()
    return counted


def called(port: int, address: str, sent: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 30, source_address=(address, 0))
    connection.sendall(sent)
    return connection


def still(slow: list[socket.socket], counted: Counter[str]) -> list[socket.socket]:
    """Sends one more byte on each, and drops those that the portal closed."""
    poll = select.poll()
    for connection in slow:
        poll.register(connection, select.POLLIN)
    closed = {number for number, _event in poll.poll(0)}
    kept = []
    for connection in slow:
        if connection.fileno() in closed:
            counted["closed"] += 1
            connection.close()
            continue
        with suppress(OSError):  # closed in this moment: found out at the next byte
            connection.sendall(b"x")
        kept.append(connection)
    return kept


def wrong(port: int, slug: str, address: str) -> str:
    token = secrets.token_hex(16)
    form = urlencode({"csrfmiddlewaretoken": token, "sign_in_name": secrets.token_hex(4), "password": "not the right password"})
    try:
        with called(port, address, b"") as connection:
            return str(asked(connection, request("POST", "/sign-in", port, f"homeroom-{slug}-csrf={token}", form)))
    except OSError as refused:
        return type(refused).__name__
