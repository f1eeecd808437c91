"""Pages that fail, and addresses that are none, say nothing about the machinery."""

from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from homeroom.portal.fixed import with_fixed
from homeroom.portal.home import views
from tests.browser import Browser
from tests.cast import CANARY
from tests.school import School


def test_a_page_that_fails_says_so_and_not_why(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: object, **_words: object) -> None:
        raise RuntimeError(f"{CANARY}: no such column in /srv/homeroom")

    monkeypatch.setattr(views, "child_page", fails)
    client = Client(raise_request_exception=False)
    client.cookies.update(Browser("ana").client.cookies)
    answer = client.get(f"/children/{school.uuid('nina')}", HTTP_HOST="127.0.0.1:8000")
    text = answer.content.decode()
    assert answer.status_code == 500 and "Something went wrong on our side" in text and not settings.DEBUG
    assert not [word for word in (CANARY, "RuntimeError", "Traceback", "/srv/", ".py", "SELECT") if word in text]


@pytest.mark.parametrize(
    ("path", "status"),
    [("css/tokens.css", 200), ("", 404), ("css/", 404), ("css", 404), ("../settings.py", 404), ("%2e%2e/settings.py", 404), ("/static/", 404),
     ("/.git/config", 404), ("/secrets/app", 404), ("/portal.toml", 404)],
)  # fmt: skip
def test_fixed_files_are_served_and_no_folder_nor_any_other_file(school: School, path: str, status: int) -> None:
    """`school` is the database that the page of a missing address asks who is there."""
    said: list[str] = []
    whole = path if path.startswith("/") else settings.STATIC_URL + path

    def start(line: str, _headers: list[Any]) -> None:
        said.append(line)

    application = with_fixed(WSGIHandler(), settings.STATIC_FOLDER, settings.STATIC_URL)
    answer: Any = application(RequestFactory().get(whole, HTTP_HOST="127.0.0.1:8000").environ, start)
    with closing(answer):
        content = b"".join(answer)
    assert said[0].startswith(str(status)) and (b"@layer" in content) is (status == 200), school.database
