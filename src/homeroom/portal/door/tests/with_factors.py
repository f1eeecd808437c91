"""The cast's second factors, added as the account's own pages would."""

from typing import Any

import pyotp
from django.test import RequestFactory
from django.utils import timezone

from homeroom.portal.access.asking import server_bound
from homeroom.portal.door.authenticators import STEP, add_authenticator
from homeroom.portal.door.models import Account
from homeroom.portal.door.passkeys import add_passkey, creation
from homeroom.portal.door.reading import account_named
from homeroom.portal.door.recovery_codes import make_codes
from homeroom.portal.door.sessions import Entry
from homeroom.portal.door.signing_in import let_in
from tests.browser import Browser, Page
from tests.device import Device
from tests.school import School

PASSWORD = "correct horse harbor staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HOST = "localhost:8000"
KEY = b"a step in which a factor is added"


def account_of(name: str) -> Account:
    account = account_named(name)
    assert account
    return account


def kept(school: School, statement: str, *values: Any) -> Any:
    """Returns the first column of a row, as the owner reads it. None if there is no row."""
    with school.connect("owner") as owner:
        row = owner.execute(statement, values).fetchone()
    return row and row[0]


def session_from(account: Account, **asked: Any) -> Entry:
    """Returns a session from a browser that no one has seen."""
    return let_in(RequestFactory().post("/sign-in"), account, **asked)


def enrolling(account: Account) -> bytes:
    """Returns the key of a step in which this account may add a factor, as a printed code leads to it."""
    server_bound("SELECT begin_step(%s, 'enrol', %s, '{}', '10 minutes')", (KEY, account.uuid))
    return KEY


def with_app(name: str) -> Account:
    account = account_of(name)
    add_authenticator(account, "Phone", SECRET, 0, enrolling(account))
    return account


def with_passkey(name: str) -> Device:
    device, account, request = Device(), account_of(name), RequestFactory().get("/", HTTP_HOST=HOST)
    options, state = creation(request, account)
    add_passkey(request, account, "Laptop", state, device.made(options), enrolling(account))
    return device


def with_codes(name: str) -> list[str]:
    return make_codes(account_of(name), enrolling(account_of(name)))


def digits(steps_away: int = 0, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).generate_otp(int(timezone.now().timestamp()) // STEP + steps_away)


def options_in(page: Page) -> str:
    """Returns what the page's script would give to the device."""
    return next(form.attrib["data-options"] for form in page.find("form") if "data-options" in form.attrib)


def at_second_step(name: str) -> Browser:
    browser = Browser(host=HOST)
    page = browser.post("/sign-in", {"sign_in_name": name, "password": PASSWORD})
    assert (page.status, page.headers["Location"]) == (302, "/sign-in/second")
    return browser
