"""The door's pages for tests in a browser: who opens which page, and the steps that lead to it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpResponse
from django.test import override_settings
from playwright.sync_api import BrowserContext

from homeroom.portal.door.reading import account_named
from homeroom.portal.door.steps import Kind, begin_step, cookie_of
from homeroom.portal.letters.code import digest, new_code
from tests.cast import identity
from tests.house.test_doors import DOOR
from tests.live import serving
from tests.school import School, pointed_at

NOBODYS = ("/sign-in", "/sign-in/register", "/sign-in/student", "/sign-in/tutor", "/sign-in/help", "/sign-in/code", "/sign-in/card", "/sign-in/passkey")
ACCOUNTS = (
    "/account", "/account/news", "/account/password", "/account/email", "/account/username", "/account/factors", "/account/factors/add",
    "/account/sign-out", "/sign-in/again",
)  # fmt: skip
FACTOR = str(identity("anas app"))
# By asker: the role and the pages to open. A step is what the page before it would have left.
PAGES = {
    "nobody": ("", [*NOBODYS]),
    "family": ("family", [*ACCOUNTS, f"/account/factors/{FACTOR}"]),
    "staff": ("staff", [*ACCOUNTS]),
    "board second": ("board second", [*ACCOUNTS]),
    "family that just signed in": ("family", ["/account/factors/add?next=/"]),
    "second factor": ("", ["/sign-in/second"]),
    "enrol": ("", ["/sign-in/enrol"]),
    "code": ("", ["/sign-in/code/password"]),
    "emailed code": ("", ["/sign-in/code/password"]),
}
ROWS = (
    "UPDATE district SET tutors = 'on'",
    "INSERT INTO authenticator (uuid, account_id, name, secret) SELECT %(factor)s, id, 'Her app', 'x' FROM account WHERE sign_in_name = 'ana.family'",
    "INSERT INTO recovery_code (account_id, hash) SELECT id, 'x' FROM account WHERE sign_in_name = 'ana.family'",
    "INSERT INTO account_notice (account_id, what) SELECT id, 'new device' FROM account",
    """INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'ana@mail.example', now() FROM account WHERE sign_in_name = 'ana.family'
       UNION ALL SELECT id, 'ana2@mail.example', NULL FROM account WHERE sign_in_name = 'ana.family'""",
    """INSERT INTO code (person_id, side, kind, digest, expires_at, checked)
       VALUES (%(jo)s, 'family', 'password', %(digest)s, now() + interval '1 day', 'known')""",
    """INSERT INTO code (person_id, side, kind, digest, expires_at, checked, opens_at)
       VALUES (%(ana)s, 'family', 'password', %(emailed)s, now() + interval '40 minutes', 'mail', now() + interval '10 minutes')""",
)
CODE, EMAILED = digest(new_code()), digest(new_code())


@contextmanager
def open_door(school: School) -> Iterator[None]:
    """Runs the door's pages in this process, with something to show on each of them."""
    awake = "UPDATE session SET ended_at = NULL, is_strong = true"  # adding the app ended Ana's session
    with school.connect("owner") as owner:
        for statement in ROWS:
            owner.execute(statement.encode(), {"factor": FACTOR, "digest": CODE, "emailed": EMAILED, **school.ids})
        owner.execute(awake)
    with pointed_at(school.server, "door", school.database), override_settings(ROOT_URLCONF=DOOR):
        yield


@contextmanager
def at_the_door(school: School) -> Iterator[str]:
    """Yields the door's address."""
    with open_door(school), serving() as address:
        yield address


def step_of(who: str) -> dict[str, str]:
    """Returns the step's cookie, as if the pages before had been filled in."""
    codes = {"code": CODE, "emailed code": EMAILED}
    kinds: dict[str, tuple[Kind, str]] = {
        "second factor": ("second factor", "ana.family"), "enrol": ("enrol", "bo.staff"), **dict.fromkeys(codes, ("code", "")),
    }  # fmt: skip
    if who not in kinds:
        return {}
    kind, name = kinds[who]
    account = account_named(name) if name else None
    answer = HttpResponse()
    begin_step(answer, kind, account, {"next": "", "is_own_device": False, "code": codes.get(who, CODE).hex()})
    return {cookie_of(kind): answer.cookies[cookie_of(kind)].value}


def step_into(context: BrowserContext, address: str, who: str) -> None:
    for name, value in step_of(who).items():
        context.add_cookies([{"name": name, "value": value, "url": f"{address}/sign-in"}])
