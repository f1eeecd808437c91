"""Each fixed file says what it is, with its character set, and no other site may read it."""

from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper, setup_testing_defaults

import pytest

from homeroom.portal.fixed import with_fixed

FOLDER = Path(__file__).parents[2] / "src/homeroom/portal/static"
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
KINDS = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml; charset=utf-8", ".woff2": "font/woff2",
    "": "text/plain; charset=utf-8",
}  # fmt: skip


def answered(path: str) -> tuple[str, dict[str, str]]:
    asked: dict[str, Any] = {}
    setup_testing_defaults(asked)
    found: list[tuple[str, dict[str, str]]] = []

    def start(status: str, headers: list[tuple[str, str]], _exception: object = None) -> None:
        found.append((status, dict(headers)))

    def nothing(_asked: object, start: Any) -> list[bytes]:
        start("404 Not Found", [])
        return []

    application: Any = nothing
    body = with_fixed(application, FOLDER, "/static/1/")(asked | {"PATH_INFO": path}, start)
    if isinstance(body, FileWrapper):
        body.close()
    return found[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_fixed_file_says_what_it_is(file: Path) -> None:
    status, headers = answered(f"/static/1/{file.relative_to(FOLDER)}")
    assert status == "200 OK" and headers["Content-Type"].replace('"', "") == KINDS[file.suffix]
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/static/1/", "/static/1/css", "/static/1/css/", "/static/1/../settings.py", "/static/1/%2e%2e/settings.py"])
def test_no_folder_is_listed_and_no_other_file_is_served(path: str) -> None:
    assert answered(path)[0] == "404 Not Found"
