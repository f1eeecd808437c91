"""A real nginx and a real Caddy in front of a portal, set up as docs/hosting.md says. Pages, forms and uploads pass, under the name that families type."""

import http.client
import re
import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from homeroom.gateway.book import read_portals
from homeroom.ops.host.installation import Installation
from homeroom.ops.removing_all import remove_installation
from homeroom.portal.place import Place
from tests.journeys.documented import caddy, nginx
from tests.ops.portal import CREATE, TWO, answered, running
from tests.ports import free_port

NAME = "portal.example.org"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
UPLOAD = 12 << 20  # bytes, more than any other page takes


@pytest.fixture(scope="module")
def hosted() -> Iterator[Installation]:
    folder, port = Path(tempfile.mkdtemp(prefix="hr-ops-")), free_port()
    try:
        answered("new", str(folder), "--sftp-port", str(free_port()))
        words = ("--host", NAME, "--secure", "--port", str(port), "--inbox-port", str(free_port()), "--folder", str(folder))
        answered("portal", "create", "lincoln", *CREATE, *TWO, *words)
        answered("portal", "proxy", "lincoln", "--trust", "127.0.0.1", "--folder", str(folder))
        with running(Installation.at(folder)):
            yield Installation.at(folder)
    finally:
        if (folder / "homeroom.toml").exists():
            remove_installation(Installation.at(folder))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def portal(hosted: Installation) -> int:
    """Returns the port of its front."""
    return Place.read(hosted.portal("lincoln")).port


@pytest.fixture(scope="module")
def proxied(portal: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., int]]:
    """Yields a function that starts nginx with the page's server and these changes. It returns the port."""
    with ExitStack() as running_ones:

        def start(*changes: tuple[str, str]) -> int:
            port = free_port()
            running_ones.enter_context(nginx(tmp_path_factory.mktemp("proxy") / "nginx", NAME, port, portal, *changes))
            return port

        yield start


@pytest.fixture(scope="module")
def outside() -> Iterator[socket.socket]:
    """Yields a socket that gets a program's requests to other computers."""
    with socket.socket() as listening, pytest.MonkeyPatch.context() as patched:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0)
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            patched.setenv(name, f"http://127.0.0.1:{listening.getsockname()[1]}")
        yield listening


@pytest.fixture(scope="module")
def by_caddy(portal: int, outside: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = free_port()
    with caddy(tmp_path_factory.mktemp("proxy") / "caddy", NAME, port, portal):
        yield port


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def as_written(request: pytest.FixtureRequest) -> int:
    """Returns the port of a proxy that runs as the page says."""
    return int(request.getfixturevalue("proxied")() if request.param == "nginx" else request.getfixturevalue("by_caddy"))


def asked(port: int, method: str, path: str, body: bytes = b"", *, by: str = "127.0.0.1", **headers: str) -> tuple[int, str, str]:
    """Sends a request as a browser at this address does. `by` is the browser's own. Returns status, page and cookies."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate was just made on this computer
    line = http.client.HTTPConnection(NAME, port)
    line.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 60, (by, 0)), server_hostname=NAME)
    with closing(line):
        line.request(method, path, body or None, {"Host": f"{NAME}:{port}", "Origin": f"https://{NAME}:{port}", **headers})
        answer = line.getresponse()
        page = answer.read().decode(errors="replace")
    return answer.status, page, "; ".join(cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie") or [])


def signs_in(port: int) -> bool:
    """Says whether the form passes. With a wrong password, the page says so and does not refuse the form."""
    [(status, page)] = tries(port, ["nobody"])
    assert status == 403
    return "We couldn’t sign you in" in page


def tries(port: int, names: Iterable[str], *, by: str = "127.0.0.1", **headers: str) -> list[tuple[int, str]]:
    """Tries to sign in with a wrong password. Returns status and page of each try."""
    status, page, cookies = asked(port, "GET", "/sign-in")
    assert cookies.startswith("__Host-homeroom-")  # browsers take it from this host alone
    found = TOKEN.search(page)
    assert status == 200 and found, (status, page[:300])
    sent = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded", **headers}
    forms = [f"csrfmiddlewaretoken={found[1]}&sign_in_name={name}&password=wrong".encode() for name in names]
    return [asked(port, "POST", "/sign-in", form, by=by, **sent)[:2] for form in forms]


def test_a_page_and_a_form_pass(as_written: int) -> None:
    assert signs_in(as_written)


def test_an_upload_reaches_the_portal_and_is_not_the_proxys_to_refuse(as_written: int) -> None:
    status, page, _ = asked(as_written, "POST", "/imports/upload", b"\0" * UPLOAD)
    assert status != 413 and "nginx" not in page
    refused = asked(as_written, "POST", "/sign-in", b"\0" * (2 << 20))[0]
    assert refused in (413, 502), "nothing else is so large; the portal may hang up before the proxy counts"


def test_ten_wrong_sign_ins_of_one_visitor_slow_no_other(proxied: Callable[..., int], by_caddy: int) -> None:
    """Each visitor has their own address at the portal, and no header of theirs gives them another."""
    port = proxied()
    answers = [status for status, _page in tries(port, [f"guess-{number}" for number in range(11)], by="127.0.0.7")]
    assert answers == [403] * 10 + [429]
    for other in (port, by_caddy):
        assert [status for status, _page in tries(other, ["once-more"], by="127.0.0.7", **{"X-Forwarded-For": "203.0.113.5"})] == [429]
        assert [status for status, _page in tries(other, ["once-more"], by="127.0.0.8")] == [403]


def test_caddy_asks_no_other_computer(by_caddy: int, outside: socket.socket) -> None:
    """It has a certificate that it was given."""
    assert signs_in(by_caddy)
    with pytest.raises(BlockingIOError):
        outside.accept()


def test_without_the_host_header_every_page_answers_400(proxied: Callable[..., int]) -> None:
    port = proxied(("proxy_set_header Host $http_host;", ""))
    assert asked(port, "GET", "/sign-in")[0] == 400


def test_a_form_answers_403_if_the_host_header_lacks_the_port(proxied: Callable[..., int]) -> None:
    port = proxied(("proxy_set_header Host $http_host;", "proxy_set_header Host $host;"))
    assert not signs_in(port)


def test_the_gateway_of_the_same_computer_delivers_past_the_proxy(hosted: Installation) -> None:
    """The name that families type may lead only to the proxy, or to an address that this computer doesn't have."""
    address = urlsplit(read_portals(hosted.gateway)["lincoln"].url)
    assert address.port == Place.read(hosted.portal("lincoln")).inbox_port
    socket.create_connection((address.hostname, address.port), timeout=10).close()
    assert answered("portal", "cert", "lincoln", "--for-gateway", "--folder", str(hosted.folder))["url"] == f"https://{NAME}:{address.port}"
