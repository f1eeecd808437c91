"""An account is closed while one of its pages is being drawn. psql closes it right away, because a page waits 3 s for a table and no longer.

psql locks the first table that the page reads. A page still shows what it read before the account was closed.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from homeroom.ops.answers import NotDone
from tests.journeys.sign_in.scene import SLUG, Scene, is_in, said

NINA = "nina.ruiz"
CLOSE = "UPDATE account SET is_active = false WHERE sign_in_name = 'nina.ruiz'"
HOLD = "BEGIN; LOCK TABLE attendance_mark IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(30)"
LET_GO = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK TABLE%' AND pid <> pg_backend_pid()"
RECORDS = re.compile(r"\d%|\d points|: absent|: late")
LOCKS = "SELECT count(*) FROM pg_locks WHERE relation = 'attendance_mark'::regclass AND granted = "


def play(scene: Scene) -> None:
    with scene.signed_in(NINA) as page:
        before = page.inner_text("main")
        with held(scene):
            page.evaluate("setTimeout(() => location.assign('/?again'), 0)")
            await_locks(scene, f"false AND {holder('app')}")
            scene.owner(CLOSE)
        page.wait_for_url("**/?again")
        text = page.inner_text("main")
        shown = [len(RECORDS.findall(each)) for each in (before, text)]
        told = f"{shown[1]} scores and absences on it, {shown[0]} before"
        scene.line("Nina's account is closed while her page waits for a table that psql holds", told, shown[0] > 5 and shown[1] == 0)
        page.goto(scene.address("/"))
        scene.line("she opens her page", page.url, not is_in(page))
        scene.by_password(page, NINA)
        scene.line("she types her password", said(page), not is_in(page))


@contextmanager
def held(scene: Scene) -> Iterator[None]:
    thread = threading.Thread(target=lambda: scene.stage.psql(SLUG, "owner", HOLD))
    thread.start()
    try:
        await_locks(scene, f"true AND mode = 'AccessExclusiveLock' AND {holder('owner')}")
        yield
    finally:
        scene.owner(LET_GO)
        thread.join()


def holder(login: str) -> str:
    return f"pid IN (SELECT pid FROM pg_stat_activity WHERE usename = '{login}')"


def await_locks(scene: Scene, which: str) -> None:
    """Raises NotDone."""
    for _ in range(200):
        if scene.owner(LOCKS + which) != "0":
            return
    raise NotDone("Nobody waits for the table.")
