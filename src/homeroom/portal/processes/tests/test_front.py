"""The front: who gets which page, what it drops, and what a family sees while the portal is away."""

import asyncio
import gzip
import ssl
from io import BytesIO
from pathlib import Path

import html5lib
import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from homeroom.gateway.pins import make_pair
from homeroom.portal.processes import front
from homeroom.portal.processes.packed import packed
from homeroom.portal.processes.tests.fronting import SCORES, TOML, ask, behind, head_sent


@pytest.mark.parametrize(
    ("path", "by"),
    [
        ("/", "web"),
        ("/children/1?tab=2", "web"),
        ("/sign-in", "door"),
        ("/sign-in?next=%2Fa%2520b", "door"),
        ("/account/sign-ins", "door"),
        ("/accounts", "web"),
        ("/sign-in-help", "web"),
        ("/x/../sign-in", "web"),
    ],
)
def test_door_gets_sign_in_and_account_and_nothing_else(portal: Path, path: str, by: str) -> None:
    async def use(session: ClientSession, url: str) -> None:
        async with session.get(URL(url + path, encoded=True)) as answer:
            told = await answer.json()
        assert (told["by"], told["path"]) == (by, path)

    ask(portal, use)


def test_a_visitors_claims_about_their_origin_are_dropped(portal: Path) -> None:
    claims = {
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=10.0.0.1",
        "X-Real-IP": "10.0.0.1",
        "X_Forwarded_For": "10.0.0.1",
        "Proxy": "http://evil.example",
        "Accept-Language": "es",
    }

    async def use(session: ClientSession, url: str) -> None:
        async with session.get(url, headers=claims) as answer:
            told = (await answer.json())["headers"]
        assert told["x-forwarded-for"] == "127.0.0.1"
        assert told["x-forwarded-proto"] == "http"
        assert told["x-forwarded-host"] == url.removeprefix("http://")
        assert told["accept-language"] == "es"
        assert not {"forwarded", "x-real-ip", "x_forwarded_for", "proxy"} & told.keys()

    ask(portal, use)


def test_answer_keeps_both_cookies_and_no_word_of_the_server(portal: Path) -> None:
    async def use(session: ClientSession, url: str) -> None:
        async with session.get(url) as answer:
            assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
            assert "Server" not in answer.headers

    ask(portal, use)


@pytest.mark.parametrize(
    ("path", "accepted", "is_packed"),
    [
        ("/scores", "gzip, deflate, br", True),
        ("/scores", "br;q=1.0, GZIP;q=0.5", True),
        ("/scores", "gzip;q=0", False),
        ("/scores", "identity", False),
        ("/scores?cookie", "gzip", False),
        ("/account/scores", "gzip", False),
        ("/", "gzip", False),
    ],
)
def test_scores_are_packed_for_who_can_unpack_and_a_page_with_a_cookie_never(
    portal: Path, path: str, accepted: str, is_packed: bool
) -> None:
    async def use(session: ClientSession, url: str) -> None:
        async with session.get(url + path, headers={"Accept-Encoding": accepted}) as answer:
            text = await answer.text()
        assert (answer.headers.get("Content-Encoding") == "gzip") is is_packed
        assert "scores" not in path or text == SCORES
        assert not is_packed or (
            answer.headers["Vary"] == "Accept-Encoding" and len(SCORES) > 10 * int(answer.headers["Content-Length"])
        )

    ask(portal, use)


def test_size_of_the_same_page_differs_from_time_to_time() -> None:
    assert len({len(packed(SCORES.encode())) for _ in range(50)}) > 10


@given(st.binary(max_size=5000))
def test_whatever_is_packed_unpacks(content: bytes) -> None:
    assert gzip.decompress(packed(content)) == content


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 1 << 20), ("/requests/ask", 1 << 20), ("/sign-in", 64 << 10), ("/account/password", 64 << 10), ("/sign-in/again", 1 << 20)],
)
def test_a_form_over_its_pages_limit_is_refused_before_it_reaches_a_page(portal: Path, path: str, most: int) -> None:
    async def use(session: ClientSession, url: str) -> None:
        async with session.post(url + path, data=BytesIO(b"x" * most)) as answer:
            assert answer.status == 200 and (await answer.json())["body"] == most
        async with session.post(url + path, data=BytesIO(b"x" * (most + 1))) as answer:
            assert answer.status == 413

    ask(portal, use)


def test_only_a_form_that_is_sent_with_post_and_says_its_length_may_have_a_body(portal: Path) -> None:
    async def use(session: ClientSession, url: str) -> None:
        async with session.get(url, data=BytesIO(b"x")) as answer:
            assert answer.status == 400
        async with session.put(url, data=BytesIO(b"x")) as answer:
            assert answer.status == 400
        async with session.post(url, data=b"x", chunked=True) as answer:
            assert answer.status == 411

    ask(portal, use)


UNREADABLE = [
    b"GET / HTTP/9\r\n\r\n", b"\x16\x03\x01\r\n\r\n", b"GET http://[nina/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: nina\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nX: nina" + b"a" * 9000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
]  # fmt: skip


async def answers(session: ClientSession, url: str) -> list[dict[str, str]]:
    """Returns the headers of pages, an error behind the front, a fixed file, a refusal, the page while the door is away, and unreadable requests."""
    found = []
    for path, body in (("/", None), ("/bare", None), ("/static/1/page.css", None), ("/", BytesIO(b"x")), ("/sign-in", None)):
        async with session.get(url + path, data=body) as answer:
            found.append({name: value for name, value in answer.headers.items() if name != "Set-Cookie"})
    for sent in UNREADABLE:
        lines = (await head_sent(url, sent)).partition("\r\n\r\n")[0].split("\r\n")
        assert lines[0].endswith("400 Bad Request"), lines
        found.append(dict(line.split(": ", 1) for line in lines[1:]))
    return found


@pytest.mark.parametrize("is_secure", [True, False])
def test_a_browser_that_came_with_tls_never_asks_without_it(portal: Path, is_secure: bool) -> None:
    (portal / "portal.toml").write_text(TOML + ("secure = true\n" if is_secure else ""))

    async def use(session: ClientSession, url: str) -> None:
        said = {headers.get("Strict-Transport-Security") for headers in await answers(session, url)}
        assert said == {"max-age=31536000; includeSubDomains" if is_secure else None}

    ask(portal, use, names=("web",))


def test_no_browser_guesses_what_an_answer_is_or_shows_it_in_another_sites_page(portal: Path) -> None:
    async def use(session: ClientSession, url: str) -> None:
        for headers in await answers(session, url):
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
            assert "; charset=utf-8" in headers["Content-Type"]
            policy = headers["Content-Security-Policy"].split("; ")
            assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= {*policy} and policy[0] == "default-src 'none'"

    ask(portal, use, names=("web",))


@pytest.mark.parametrize("sent", UNREADABLE)
def test_a_request_that_cannot_be_read_is_neither_repeated_nor_answered_with_the_servers_name(portal: Path, sent: bytes) -> None:
    async def use(_session: ClientSession, url: str) -> None:
        answer = await head_sent(url, sent)
        assert "400 Bad Request" in answer and not any(word in answer.casefold() for word in ("nina", "aiohttp", "python", "expected"))

    ask(portal, use)


@pytest.mark.parametrize("sent", [b"GET /\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02", b"GET / HTTP/1.1\r\n\r\n", b"a" * 70_000])
def test_bytes_that_are_no_request_come_back_to_no_one_and_are_one_line_of_the_log(
    portal: Path, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (portal / "portal.toml").write_text(TOML + "secure = true\n")
    got: list[str] = []

    async def use(_session: ClientSession, url: str) -> None:
        got.append(await head_sent(url, sent))

    ask(portal, use)
    head, _, text = got[0].partition("\r\n\r\n")
    assert " 400 " in head and "nosniff" in head and "includeSubDomains" in head and "aiohttp" not in head
    assert text == "The portal can't read this request.\n"
    lines = [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert len(lines) == 1 and lines[0].exc_info is None and "31m" not in caplog.text


@pytest.mark.parametrize(
    ("language", "cookie", "heading"),
    [
        ("en-US", "", "Closed for a moment"),
        ("es-MX", "", "Cerrado por un momento"),
        ("en-US", "a=b; homeroom-language=es", "Cerrado por un momento"),
        ("es-MX", "homeroom-language=en", "Closed for a moment"),
        ("es-MX", "homeroom-language=xx", "Cerrado por un momento"),
    ],
)
def test_while_the_portal_is_away_a_family_reads_the_schools_number(portal: Path, language: str, cookie: str, heading: str) -> None:
    async def use(session: ClientSession, url: str) -> None:
        async with session.get(url, headers={"Accept-Language": language, "Cookie": cookie}) as answer:
            text = await answer.text()
            assert answer.status == 503 and answer.headers["Retry-After"] == "30"
        html5lib.HTMLParser(strict=True).parse(text)
        assert f"<h1>{heading}</h1>" in text and f"<title>{heading}" in text
        assert "(555) 010-0130" in text and "Lincoln &amp; Sons Unified" in text

    ask(portal, use, names=("door",))


def test_page_that_is_back_within_a_moment_is_simply_slow(portal: Path) -> None:
    async def use(session: ClientSession, url: str) -> None:
        asked = asyncio.create_task(session.get(url))
        await asyncio.sleep(0.3)
        async with behind(portal, "web"):
            answer = await asked
            assert answer.status == 200

    ask(portal, use, names=())


def test_front_with_a_certificate_speaks_tls_1_2_or_newer_only(portal: Path) -> None:
    pinned = make_pair(portal / "secrets" / "front-tls.pem", "portal.example.org", "server")
    context = front.tls(portal)
    assert context is not None and context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert "BEGIN CERTIFICATE" in pinned
