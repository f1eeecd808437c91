"""With TLS, every cookie that a process sets is for this host and TLS only, out of reach of scripts, and sent to no other site's form."""

from dataclasses import replace

from django.conf import settings
from django.http import HttpResponse
from django.http.cookie import SimpleCookie
from django.test import Client, override_settings

from homeroom.portal.access.cookies import keep_language
from homeroom.portal.door.steps import cookie_of
from homeroom.portal.door.supporting import give_cookie
from homeroom.portal.door.tests.with_factors import PASSWORD, with_app
from tests.school import School


def test_every_cookie_is_secure_and_out_of_reach_of_scripts_and_of_other_sites(door: School) -> None:
    place = replace(settings.PLACE, is_secure=True)
    names = {
        "SESSION_COOKIE": place.cookie(), "SUPPORT_COOKIE": place.cookie("-support", path="/support"), "CSRF_COOKIE_NAME": place.cookie("-csrf"),
        "BROWSER_COOKIE": place.cookie("-browser", path="/sign-in"), "LANGUAGE_COOKIE_NAME": place.language_cookie,
    }  # fmt: skip
    with_app("dee.family")
    found: SimpleCookie = SimpleCookie()
    with override_settings(PLACE=place, CSRF_COOKIE_SECURE=True, LANGUAGE_COOKIE_SECURE=True, **names):
        for name in ("ana.family", "dee.family"):
            client = Client(headers={"host": "127.0.0.1:8000"})
            client.get("/sign-in", secure=True)
            client.post("/sign-in", {"sign_in_name": name, "password": PASSWORD}, secure=True)
            found.load(client.cookies)
        helped = HttpResponse()
        give_cookie(helped, "token")
        keep_language(helped, "es")
        found.load(helped.cookies)
        step = cookie_of("second factor")
    assert {*found} == {*names.values(), step}
    for name, cookie in found.items():
        assert cookie["secure"] and cookie["httponly"] and not cookie["domain"], name
        assert name.startswith("__Host-" if cookie["path"] == "/" else "__Secure-"), name
        assert cookie["samesite"] == ("Lax" if name in (place.cookie(), place.language_cookie) else "Strict"), name
