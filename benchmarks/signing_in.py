"""Signing in: one sign-in compared with its Argon2id hash, and the morning of the first school day together with people who read pages."""

import multiprocessing
import re
import secrets
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.parse import urlencode

from benchmarks.clients import asked, load, request
from benchmarks.figures import Figure, at_least, at_most, reported
from benchmarks.ground import Ground
from benchmarks.pages import timed
from benchmarks.people import parents
from homeroom.portal.door.hashing import Argon2id

MORNING = 60.0  # seconds
A_SECOND = 20  # sign-ins
CLIENTS = 4  # processes through which people arrive, each one person every fifth of a second
AT_ONCE = 16  # of each process, so that no one waits until the person before is signed in
ROUNDS = 40
A_TURN = 4  # sign-ins with the event log, then as many without
BODY = re.compile(r"AS \$function\$.*\$function\$", re.DOTALL)
SHARED = "five unrelated words of a bench"  # every account's password


@dataclass(frozen=True, slots=True)
class Door:
    """The address to sign in at, and the names of accounts that share one password."""

    slug: str
    port: int
    names: tuple[str, ...]

    def sign_in(self, name: str) -> None:
        """Signs in like a browser that has the page open already. Raises RuntimeError if it is refused."""
        token = secrets.token_hex(16)
        form = urlencode({"csrfmiddlewaretoken": token, "sign_in_name": name, "password": SHARED})
        with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
            status = asked(connection, request("POST", "/sign-in", self.port, f"homeroom-{self.slug}-csrf={token}", form))
        if status != 302:
            raise RuntimeError(f"/sign-in answered {status}")


def figures(here: Ground, seconds: float = MORNING) -> Iterator[Figure]:
    families = parents(here, 8)
    door = Door(here.place.slug, here.place.port, names(here, 400))
    here.let_a_day_pass()
    yield whole(door)
    yield logged(here, door)
    visits = [(visitor.cookie, visitor.whole) for visitor in families]
    alone = load(here.place.port, visits, seconds / 3).rate
    with multiprocessing.get_context("spawn").Pool(CLIENTS) as pool:
        arriving = [pool.apply_async(morning, (door, number, seconds)) for number in range(CLIENTS)]
        beside = load(here.place.port, visits, seconds).rate
        mornings = [one.get() for one in arriving]
    times = [second for _took, each in mornings for second in each]
    took = max(took for took, _times in mornings)
    yield at_least(f"a child's page beside {A_SECOND} sign-ins a second for a minute, against alone", beside / alone, 0.5,
                   f"{beside:.0f} requests/s; alone {alone:.0f}/s")  # fmt: skip
    cuts = quantiles(times, n=100)
    yield reported("sign-ins a second meanwhile", len(times) / took, f"p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms")


def whole(door: Door) -> Figure:
    """Takes turns with only the hash, so that a busy machine is busy for both."""
    kept = Argon2id().encode(SHARED, Argon2id().salt())
    times = []
    for number in range(ROUNDS):
        alone = timed(lambda: Argon2id().verify(SHARED, kept))
        times.append((alone, timed(lambda number=number: door.sign_in(door.names[number]))))
    floor, ours = (median(each) for each in zip(*times[3:], strict=True))  # the first three are warm-up
    return at_most("a sign-in, whole, against its Argon2id hash", ours / floor, 1.25, f"{ours * 1000:.1f} ms; hash {floor * 1000:.1f} ms")


def logged(here: Ground, door: Door) -> Figure:
    """Takes turns with a function that writes no event. The first sign-in after each change plans its statements again, and doesn't count."""
    turns = (True, False) * (ROUNDS // 2)
    times: dict[bool, list[float]] = {True: [], False: []}
    with here.connect("owner", autocommit=True) as owner:
        (writes,) = owner.execute("SELECT pg_get_functiondef('note_event'::regproc)").fetchone() or ("",)
        nothing = BODY.sub("AS $function$ BEGIN END $function$", writes)
        try:
            for number, is_written in enumerate(turns):
                owner.execute((writes if is_written else nothing).encode())
                names = [door.names[(number * (A_TURN + 1) + each) % len(door.names)] for each in range(A_TURN + 1)]
                door.sign_in(names[0])
                times[is_written] += [timed(lambda name=name: door.sign_in(name)) for name in names[1:]]
        finally:
            owner.execute(writes.encode())
    with_events, without = (median(times[each]) for each in (True, False))
    return at_most("a sign-in that writes its security event, against one that doesn't", with_events / without, 1.05,
                   f"{with_events * 1000:.1f} ms; without {without * 1000:.1f} ms")  # fmt: skip


def morning(door: Door, number: int, seconds: float) -> tuple[float, list[float]]:
    """Returns the duration, and the seconds that each sign-in took from the moment it was due. Time in line counts."""
    begun = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as people:
        arrived = []
        for turn in range(int(seconds * A_SECOND / CLIENTS)):
            due = begun + (turn * CLIENTS + number) / A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
            arrived.append(people.submit(arrive, door, door.names[(turn * CLIENTS + number) % len(door.names)], due))
        times = [one.result() for one in arrived]
    return time.monotonic() - begun, times


def arrive(door: Door, name: str, due: float) -> float:
    door.sign_in(name)
    return time.monotonic() - due


def names(here: Ground, many: int) -> tuple[str, ...]:
    """Makes accounts of adults who are in no file, all with one password. Hashing four hundred would take longer than the figure."""
    kept = Argon2id().encode(SHARED, Argon2id().salt())
    made = tuple(f"morning-{number}" for number in range(many))
    with here.connect("owner") as owner:
        for name in made:
            owner.execute(
                """WITH who AS (INSERT INTO person (given_name, family_name) VALUES ('Dee', 'Bench') RETURNING id),
                        account AS (INSERT INTO account (uuid, person_id, side, sign_in_name)
                                    SELECT gen_random_uuid(), id, 'family', %s FROM who RETURNING id)
                   INSERT INTO credential (account_id, password) SELECT id, %s FROM account""",
                [name, kept],
            )
    return made
