"""With TLS, the names of cookies have a prefix, so no other host can plant one. After an upgrade, old names are read for a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from homeroom.portal.access.cookies import olds
from homeroom.portal.place import Place, PlaceOdd
from tests.cast import HERE, token
from tests.database import PORTAL_TOML
from tests.school import School


@contextmanager
def with_tls(days: int | None = 2) -> Iterator[Client]:
    """A portal with TLS that reads old names until so many days from now, or never."""
    until = None if days is None else datetime.now(HERE).date() + timedelta(days)
    place = replace(settings.PLACE, is_secure=True, old_cookies_until=until)
    names = {
        "SESSION_COOKIE": place.cookie(), "BROWSER_COOKIE": place.cookie("-browser", path="/sign-in"), "LANGUAGE_COOKIE_NAME": place.language_cookie,
    }  # fmt: skip
    with override_settings(PLACE=place, LANGUAGE_COOKIE_SECURE=True, **names):
        yield Client(headers={"host": "127.0.0.1:8000"})


def is_signed_in(client: Client) -> bool:
    return client.get("/", secure=True).status_code == 200


def test_each_cookie_has_its_prefix_with_tls_and_none_without() -> None:
    with_it, without = replace(settings.PLACE, is_secure=True), replace(settings.PLACE, is_secure=False)
    slug = settings.PLACE.slug
    assert [with_it.cookie(), with_it.cookie("-csrf"), with_it.language_cookie] == [
        f"__Host-homeroom-{slug}", f"__Host-homeroom-{slug}-csrf", "__Host-homeroom-language",
    ]  # fmt: skip
    assert with_it.cookie("-browser", path="/sign-in") == f"__Secure-homeroom-{slug}-browser"
    assert [without.cookie(), without.cookie("-browser", path="/sign-in"), without.language_cookie] == [
        f"homeroom-{slug}", f"homeroom-{slug}-browser", "homeroom-language",
    ]  # fmt: skip


def test_old_names_are_those_without_tls() -> None:
    without = replace(settings.PLACE, is_secure=False)
    with with_tls():
        assert [*olds().values()] == [without.cookie(), without.cookie("-browser", path="/sign-in"), without.language_cookie]


@pytest.mark.parametrize(("days", "is_in"), [(2, True), (0, True), (-1, False), (None, False)])
def test_a_session_of_the_release_before_lasts_until_the_day_in_portal_toml(school: School, days: int | None, *, is_in: bool) -> None:
    with with_tls(days) as client:
        client.cookies[f"homeroom-{settings.PLACE.slug}"] = token("ana", "family")
        assert is_signed_in(client) == is_in


def test_a_new_cookie_goes_before_an_old_one_that_another_host_may_have_planted(school: School) -> None:
    with with_tls() as client:
        client.cookies[f"homeroom-{settings.PLACE.slug}"] = token("ana", "family")
        client.cookies[settings.SESSION_COOKIE] = "nobodys"
        assert not is_signed_in(client)


def test_the_language_gets_a_cookie_under_its_new_name_once(school: School) -> None:
    with with_tls() as client:
        client.cookies["homeroom-language"] = "es"
        answer = client.get("/", secure=True)
        assert (kept := answer.cookies["__Host-homeroom-language"]).value == "es" and kept["secure"] and kept["path"] == "/" and not kept["domain"]
        assert "__Host-homeroom-language" not in client.get("/", secure=True).cookies


@pytest.mark.parametrize("odd", ["xx", "", "es; Domain=example.org"])
def test_a_language_that_there_is_not_is_not_kept(school: School, odd: str) -> None:
    with with_tls() as client:
        client.cookies["homeroom-language"] = odd
        assert "__Host-homeroom-language" not in client.get("/", secure=True).cookies


def test_an_invalid_day_is_reported(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text('old_cookies_until = "soon"\n' + PORTAL_TOML.format(sockets=tmp_path))
    with pytest.raises(PlaceOdd, match="old_cookies_until"):
        Place.read(tmp_path)
