"""A stranger at a portal that runs, directly and through a real nginx: odd requests, requests in requests, floods of headers, other hosts, log injection."""

import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from homeroom.ops.host.installation import Installation
from homeroom.ops.host.owner import owner
from homeroom.portal.place import Place
from tests.disk import disk, needs_mount
from tests.journeys.documented import nginx
from tests.ops.portal import answered, installation, running
from tests.ports import free_port

EVIL = b"evil.example"
PATIENCE = 30.0  # seconds for an answer
STATUS = re.compile(r"HTTP/1\.[01] (\d{3})")
ENTRY = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|  |after |[\w.]+$")  # begins a line of a log: an entry, or a part of a traceback without words
type Send = Callable[[bytes], str]


@pytest.fixture(scope="module")
def lincoln() -> Iterator[Installation]:
    """A portal that trusts a proxy of this computer. Its logs are on a small disk of their own, if root can mount one."""
    with ExitStack() as stack:
        made = stack.enter_context(installation())
        answered("portal", "proxy", "lincoln", "--trust", "127.0.0.1", "--folder", str(made.folder))
        log = made.portal("lincoln") / "log"
        if os.getuid() == 0:
            stack.enter_context(disk(log, "3m", oct(log.stat().st_mode & 0o777)[2:]))
        stack.enter_context(running(made))
        yield made


@pytest.fixture(scope="module")
def host(lincoln: Installation) -> str:
    return f"127.0.0.1:{Place.read(lincoln.portal('lincoln')).port}"


@pytest.fixture(scope="module", params=["directly", "nginx"])
def send(request: pytest.FixtureRequest, host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Sends bytes on a connection of their own, and returns everything that comes back until it is closed, or for half a second. A line HOST is filled in."""
    if request.param == "directly":
        yield lambda data: read_from(connected(host), with_host(data, host))
        return
    port = free_port()
    with nginx(tmp_path_factory.mktemp("proxy") / "nginx", "127.0.0.1", port, int(host.rpartition(":")[2])):
        yield lambda data: read_from(by_tls(port), with_host(data, f"127.0.0.1:{port}"))


def with_host(data: bytes, host: str) -> bytes:
    return data.replace(b"HOST\r\n", f"Host: {host}\r\n".encode())


def connected(host: str) -> socket.socket:
    address, _, port = host.partition(":")
    return socket.create_connection((address, int(port)), PATIENCE)


def by_tls(port: int) -> socket.socket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate was just made on this computer
    return context.wrap_socket(connected(f"127.0.0.1:{port}"))


def read_from(line: socket.socket, data: bytes) -> str:
    got = b""
    with line:
        try:
            line.sendall(data)
            while piece := line.recv(64 << 10):
                got += piece
                line.settimeout(0.5)
        except (TimeoutError, ConnectionError):
            pass
    return got.decode("latin-1")


def statuses(send: Send, requests: dict[str, bytes]) -> dict[str, list[int]]:
    """Returns the statuses of everything that came back, by request. They are sent together."""
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(send, requests.values())
        return {name: [int(status) for status in STATUS.findall(answer)] for name, answer in zip(requests, answers, strict=True)}


def logs(lincoln: Installation) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (lincoln.portal("lincoln") / "log").glob("*.log")}


POST = b"POST /sign-in HTTP/1.1\r\nHOST\r\nContent-Type: application/x-www-form-urlencoded\r\n"
GET = b"GET /sign-in HTTP/1.1\r\nHOST\r\n"
LAST = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
# Each is followed by a request that one server might take for the body of the first, and another for a request.
TWO_WAYS_TO_READ = {
    "length, then pieces": POST + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "pieces, then length": POST + CHUNKED + b"Content-Length: 4\r\n\r\n1\r\na\r\n0\r\n\r\n",
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n",
    "a tab after the colon": POST + b"Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "an unknown encoding": POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n",
    "two encodings": POST + b"Transfer-Encoding: chunked, identity\r\nContent-Length: 0\r\n\r\n",
    "an encoding twice": POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "pieces in HTTP/1.0": POST.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "a list of lengths": POST + b"Content-Length: 0, 44\r\n\r\n",
    "a length with a sign": POST + b"Content-Length: +0\r\n\r\n",
    "a length below zero": POST + b"Content-Length: -1\r\n\r\n",
    "a length in hex": POST + b"Content-Length: 0x0\r\n\r\n",
    "a folded length": POST + b"Content-Length:\r\n 44\r\n\r\n",
    "a folded header": POST + b"X: a\r\n Content-Length: 44\r\nContent-Length: 0\r\n\r\n",
    "a bare return": GET + b"X: a\r\rX: b\r\n\r\n",
    "NUL": GET + b"X: a\0b\r\n\r\n",
    "two hosts": GET + b"Host: evil.example\r\n\r\n",
    "no version": b"GET /sign-in\r\n\r\n",
}


def test_a_request_that_two_servers_read_differently_is_refused_with_all_that_follows(lincoln: Installation, send: Send) -> None:
    requests = {name: head + b"GET /hidden-in-one HTTP/1.1\r\nHOST\r\n\r\n" for name, head in TWO_WAYS_TO_READ.items()}
    answers = statuses(send, requests)
    assert {name: found for name, found in answers.items() if len(found) > 1 or not all(400 <= status <= 501 for status in found)} == {}
    until = time.monotonic() + PATIENCE
    while b"/two-requests" not in b"".join(logs(lincoln).values()):  # the control: two ordinary requests on one connection are two
        assert STATUS.findall(send(GET + b"\r\nGET /two-requests HTTP/1.1\r\nHOST\r\n\r\n"))[:1] == ["200"] and time.monotonic() < until
    assert b"hidden-in-one" not in b"".join(logs(lincoln).values())


def test_a_body_that_only_the_front_could_misread_reaches_no_page(lincoln: Installation, send: Send) -> None:
    """nginx reads pieces, line feeds and extensions, and passes on what it read in a form of its own. The front refuses them."""
    requests = {
        "pieces": POST + CHUNKED + b"\r\n2;a=\"\nb\"\r\nx=\r\n0\r\n\r\n", "line feeds": GET.replace(b"\r\n", b"\n", 1) + b"X: a\n\n",
        "a body of GET": GET + b"Content-Length: 40\r\n\r\nGET /body-of-get HTTP/1.1\r\nHost: evil\r\n\r\n",
        "a short length": POST + b"Content-Length: 1\r\n\r\nxGET /after-short HTTP/1.0\r\nHost: evil.example\r\n\r\n",
    }  # fmt: skip
    assert not [name for name, found in statuses(send, requests).items() if any(status >= 500 for status in found)]
    assert b"body-of-get" not in b"".join(logs(lincoln).values())


FLOODS = {
    "300 headers": GET + b"".join(b"X-%d: 1\r\n" % number for number in range(300)) + b"\r\n",
    "a header of 70 kB": GET + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
    "a cookie of 60 kB": GET + b"Cookie: a=" + b"a" * 60_000 + b"\r\n\r\n",
    "50 cookies of 8 kB": GET + b"".join(b"Cookie: a%d=%s\r\n" % (number, b"a" * 8_000) for number in range(50)) + b"\r\n",
    "an address of 50 kB": b"GET /" + b"a" * 50_000 + b" HTTP/1.1\r\nHOST\r\n\r\n",
    "an address of 5 kB": b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHOST\r\n\r\n",
    "a form of 65 kB": POST + b"Content-Length: 65537\r\n\r\n" + b"a" * 65_537,
    "parts without end": POST.replace(b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x") + b"Content-Length: 2000000\r\n\r\n",
}


def test_floods_in_one_request_are_refused_and_the_page_is_quick(send: Send) -> None:
    began = time.monotonic()
    answers = statuses(send, FLOODS)
    assert {name: found for name, found in answers.items() if any(not 400 <= status < 500 for status in found)} == {}
    few = b"; ".join(b"a%d=1" % number for number in range(900))
    many = {"900 cookies": GET + b"Cookie: " + few + b"\r\n\r\n", "a large one": GET + b"Cookie: a=" + b"a" * 7_000 + b"\r\n\r\n"}
    assert statuses(send, many) == {"900 cookies": [200], "a large one": [200]}
    assert time.monotonic() - began < PATIENCE


UPGRADES = {
    "websocket": b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    "h2c": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
}


def test_no_connection_becomes_something_else(send: Send) -> None:
    odd = {"h2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "connect": b"CONNECT evil.example:443 HTTP/1.1\r\nHOST\r\n\r\n",
           "trace": b"TRACE /sign-in HTTP/1.1\r\nHOST\r\nCookie: a=secret\r\n\r\n"}  # fmt: skip
    answers = statuses(send, odd | {name: GET + lines + b"\r\n" for name, lines in UPGRADES.items()})
    assert answers.pop("websocket") == answers.pop("h2c") == [200], "an ordinary page"
    assert {name: found for name, found in answers.items() if any(not 400 <= status < 500 for status in found)} == {}
    assert "secret" not in send(odd["trace"])


HOSTS = (EVIL, b"127.0.0.1@" + EVIL, EVIL + b":80", b"localhost." + EVIL, b"127.0.0.1." + EVIL, b"[::1]", b"127.0.0.1:80:80", b"")


def test_another_host_gets_no_page_so_that_no_name_leads_a_browser_here(send: Send) -> None:
    """A page of evil.example whose name leads to this computer (DNS rebinding) could otherwise read what a family's browser may read."""
    requests = {f"{host!r} {path}": b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (path.encode(), host) for host in HOSTS for path in ("/", "/sign-in", "/account")}
    assert set(map(tuple, statuses(send, requests).values())) == {(400,)}


POISON = b"".join(name + b": " + value + b"\r\n" for name, value in {
    b"X-Forwarded-Host": EVIL, b"X-Host": EVIL, b"Forwarded": b"host=" + EVIL, b"X-Original-URL": b"/sign-in/help", b"X-Rewrite-URL": b"/sign-in/help",
    b"X-HTTP-Method-Override": b"POST", b"X-Forwarded-Scheme": b"nothttps", b"X-Forwarded-Prefix": b"/" + EVIL, b"X-Forwarded-Port": b"666",
}.items())  # fmt: skip
LIKE_FILES = ("/account/x.css", "/account;x.css", "/sign-in/help/..%2f..%2fstatic/x.css", "/static/../account", "/account%0ax.css", "/account/%2e%2e/x.js")


def test_no_header_changes_a_page_and_no_cache_keeps_one(send: Send) -> None:
    for path in (b"/", b"/sign-in", b"/sign-in/help"):
        page = send(b"GET " + path + b" HTTP/1.1\r\nHOST\r\n" + LAST + POISON + b"\r\n")
        plain = send(b"GET " + path + b" HTTP/1.1\r\nHOST\r\n" + LAST + b"\r\n")
        assert STATUS.findall(page) == STATUS.findall(plain) and heading(page) == heading(plain)
        assert "evil" not in page and "666" not in page and "no-store" in page
    answers = [send(f"GET {path} HTTP/1.1\r\nHOST\r\nConnection: close\r\n\r\n".encode()) for path in LIKE_FILES]
    assert [path for path, page in zip(LIKE_FILES, answers, strict=True) if " 200 " in page or "public" in page.partition("\r\n\r\n")[0]] == []


def heading(page: str) -> list[str]:
    return re.findall(r"<h1[^>]*>([^<]*)", page)


TOKEN = b"Cookie: homeroom-lincoln-csrf=" + b"x" * 32 + b"\r\n"
INJECTED = (b"\x1b[31m", b"\r", b"\x9b", b"\xc2\x85", b"\xe2\x80\xa8", b"\x00")


def test_no_one_writes_lines_or_colors_into_a_log(lincoln: Installation, send: Send) -> None:
    line = b"2026-12-01T00:00:00Z INFO forged: a line"
    for each in INJECTED:
        for path in (b"/a", b"/sign-in/a"):
            send(b"GET " + path + each + b" HTTP/1.1\r\nHOST\r\n\r\n")
        send(GET + b"User-Agent: " + each + b"\r\nX-Forwarded-For: " + each + b"\r\n" + LAST + b"\r\n")
        form = b"csrfmiddlewaretoken=" + b"x" * 32 + b"&password=x&sign_in_name=" + b"".join(b"%%%02x" % octet for octet in b"\n" + line + each)
        send(POST + TOKEN + LAST + b"Content-Length: %d\r\n\r\n" % len(form) + form)
    send(b"GET /a%0a2026-12-01T00:00:00Z%1b[31m HTTP/1.1\r\nHOST\r\n\r\n")
    send(b"GET /sign-in HTTP/1.1\r\nHost: x\x1b[31m\r\n\r\n")
    for name, text in logs(lincoln).items():
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f-\xff]", text), name
        assert line not in text
        odd = [each for each in text.split(b"\n") if each and not ENTRY.match(each)]
        assert odd == [] or name == "postgres.log", (name, odd[:3])


@needs_mount
def test_a_disk_full_of_logs_stops_no_page(lincoln: Installation, host: str) -> None:
    """Lines are lost, and pages and security events are not. Lines come again when there is room."""
    log = lincoln.portal("lincoln") / "log"

    def sign_in(number: int) -> list[str]:
        form = b"csrfmiddlewaretoken=" + b"x" * 32 + b"&sign_in_name=nobody&password=x%d" % number
        sent = POST + TOKEN + LAST + b"Content-Length: %d\r\n\r\n" % len(form) + form
        return STATUS.findall(read_from(connected(host), with_host(sent, host)))

    def page(path: bytes) -> list[str]:
        return STATUS.findall(read_from(connected(host), with_host(b"GET " + path + b" HTTP/1.1\r\nHOST\r\n" + LAST + b"\r\n", host)))

    before = wrong_tries(lincoln)
    with (log / "full").open("wb") as full, pytest.raises(OSError, match="No space left"):
        while True:
            full.write(b"x" * 65_536)
            full.flush()
    sizes = {name: len(text) for name, text in logs(lincoln).items()}
    assert {*map(tuple, map(page, [b"/sign-in"] * 150))} == {("200",)}, "more lines than a process keeps in its memory"
    assert page(b"/no-such-page") == ["404"]
    assert sign_in(1) == ["403"] and wrong_tries(lincoln) == before + 1
    assert len(logs(lincoln)["door.log"]) - sizes["door.log"] < 4096, "the control: it was full"
    (log / "full").unlink()
    assert page(b"/sign-in") == ["200"]
    until = time.monotonic() + PATIENCE
    while len(logs(lincoln)["door.log"]) <= sizes["door.log"]:
        assert page(b"/sign-in") == ["200"] and time.monotonic() < until


def wrong_tries(lincoln: Installation) -> int:
    with owner(lincoln.portal("lincoln")) as connection:
        return len(connection.execute("SELECT FROM security_event WHERE kind = 'sign in' AND result = 'wrong'").fetchall())
