"""The front and an administrator's file: web is asked first, the inbox gets it in pieces, and a refusal is explained."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, web

from homeroom.portal.place import Place
from homeroom.portal.processes import front, uploads
from homeroom.portal.processes.layout import run_folder

FORM_TYPE = "multipart/form-data; boundary=x"
TOKEN = b'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\nthe-token\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="nina-ruiz.gpg"\r\n\r\n'
END = b"\r\n--x--\r\n"
CONTENT = bytes(range(256)) * 1600  # 400 kB with all bytes, also line ends


@dataclass
class Behind:
    """Web, which lets Carl send files, and the inbox, which keeps complete ones. `person` is the sender by web's answer."""

    kept: list[bytes] = field(default_factory=list)
    begun: int = 0
    forms: list[tuple[str, str]] = field(default_factory=list)
    person: str = "carl"

    async def as_web(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text=f"explained {request.query.get('wrong')}", status=422)
        self.forms.append((request.content_type, await request.text()))
        if "Cookie" not in request.headers:
            return web.Response(status=302, headers={"Location": "/sign-in"})
        return web.json_response({"leave": "a-leave", "person": self.person}, status=202)

    async def as_inbox(self, request: web.Request) -> web.Response:
        self.begun += 1
        content = await request.read()
        self.kept.append(content)
        told = {"wrong": "plain"} if content.startswith(b"PK") else {"digest": "d" * 64, "known": len(self.kept) > 1}
        return web.json_response(told)


type Use = Callable[[ClientSession, str, Behind], Awaitable[None]]


@asynccontextmanager
async def served(portal: Path, name: str, answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[None]:
    application = web.Application(client_max_size=100 << 20)
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.UnixSite(runner, str(run_folder(portal) / f"{name}.sock")).start()
    try:
        yield
    finally:
        await runner.cleanup()


def play(portal: Path, use: Use, *, has_inbox: bool = True) -> Behind:
    async def played() -> Behind:
        behind, listener = Behind(), socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/imports/upload"
        serving = asyncio.create_task(front.serve(Place.read(portal), listener))
        async with (
            served(portal, "web", behind.as_web),
            served(portal, "inbox" if has_inbox else "none", behind.as_inbox),
            ClientSession(headers={"Cookie": "session=carls"}) as session,
        ):
            await use(session, url, behind)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return behind

    return asyncio.run(played())


async def told(session: ClientSession, url: str, body: bytes, kind: str = FORM_TYPE) -> tuple[int, str]:
    async with session.post(url, data=body, headers={"Content-Type": kind}, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location") or await answer.text()


def test_file_reaches_the_inbox_as_it_is_and_web_sees_the_forms_token_alone(portal: Path) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        answers = [await told(session, url, TOKEN + FILE + CONTENT + END) for _ in range(2)]
        assert answers == [(303, f"/imports/files/{'d' * 64}"), (303, f"/imports/files/{'d' * 64}?again=1")]

    behind = play(portal, use)
    assert behind.kept == [CONTENT, CONTENT]
    assert behind.forms == [("application/x-www-form-urlencoded", "csrfmiddlewaretoken=the-token")] * 2


WRONG = {
    "plain": TOKEN + FILE + b"PK" + CONTENT + END,
    "no-file": TOKEN + FILE.replace(b"nina-ruiz.gpg", b"") + END,
    "two-files": TOKEN + FILE + CONTENT + b"\r\n" + FILE + CONTENT + END,
    "wrong-form": TOKEN + FILE.replace(b'"file"', b'"export"') + CONTENT + END,
}
ODD = {
    "no token": FILE + CONTENT + END,
    "the token alone": TOKEN + b"--x--\r\n",
    "no end": TOKEN + FILE + CONTENT,
    "nothing": b"",
    "another boundary": (TOKEN + FILE + CONTENT + END).replace(b"--x", b"--y"),
    "a form in a form": TOKEN + FILE.replace(b"\r\n\r\n", b"\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n") + CONTENT + END,
    "a token that is no token": TOKEN.replace(b"the-token", b"\xff\xfe") + FILE + CONTENT + END,
    "a word for a file": TOKEN + FILE.replace(b'; filename="nina-ruiz.gpg"', b"") + CONTENT + END,
}


@pytest.mark.parametrize(("code", "body"), [*WRONG.items(), *(("wrong-form", body) for body in ODD.values())], ids=[*WRONG, *ODD])
def test_whatever_is_wrong_is_explained_and_not_kept(portal: Path, code: str, body: bytes) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        assert await told(session, url, body) == (422, f"explained {code}")

    behind = play(portal, use)
    assert behind.kept == ([WRONG["plain"][len(TOKEN + FILE) : -len(END)]] if code == "plain" else [])


def test_another_kind_of_form_is_explained_and_web_is_not_asked_for_leave(portal: Path) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        for kind in ("application/x-www-form-urlencoded", "multipart/mixed; boundary=x", "multipart/form-data"):
            assert await told(session, url, TOKEN + FILE + END, kind) == (422, "explained wrong-form")

    assert play(portal, use).forms == []


def test_file_over_the_limit_is_explained_before_it_is_read(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)

    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        assert await told(session, url, TOKEN + FILE + CONTENT + END) == (422, "explained too-large")

    assert play(portal, use).begun == 0


def test_a_person_who_may_not_send_gets_the_web_answer_and_the_inbox_gets_nothing(portal: Path) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        async with ClientSession() as stranger:
            assert await told(stranger, url, TOKEN + FILE + CONTENT + END) == (302, "/sign-in")

    assert play(portal, use).begun == 0


def test_the_sender_gets_a_message_while_the_inbox_is_away(portal: Path) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        assert await told(session, url, TOKEN + FILE + CONTENT + END) == (422, "explained inbox-away")

    play(portal, use, has_inbox=False)


async def slowly(until: asyncio.Event) -> AsyncIterator[bytes]:
    yield TOKEN + FILE + CONTENT[:200_000]
    await until.wait()
    yield CONTENT[200_000:] + END


def sending(session: ClientSession, url: str, until: asyncio.Event) -> "asyncio.Task[tuple[int, str]]":
    async def sent() -> tuple[int, str]:
        size = str(len(TOKEN + FILE + CONTENT + END))
        headers = {"Content-Type": FORM_TYPE, "Content-Length": size}
        async with session.post(url, data=slowly(until), headers=headers, allow_redirects=False) as answer:
            return answer.status, answer.headers["Location"]

    return asyncio.create_task(sent())


async def begun(behind: Behind, count: int) -> None:
    async with asyncio.timeout(60):
        while behind.begun < count:
            await asyncio.sleep(0.01)


def test_an_upload_beyond_one_per_person_or_four_in_all_gets_a_busy_message(portal: Path) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        go = asyncio.Event()
        first = sending(session, url, go)
        await begun(behind, 1)
        assert await told(session, url, TOKEN + FILE + CONTENT + END) == (422, "explained busy")
        others = []
        for number, behind.person in enumerate(("bo", "joan", "pat")):
            others.append(sending(session, url, go))
            await begun(behind, number + 2)
        behind.person = "rosa"
        assert await told(session, url, TOKEN + FILE + CONTENT + END) == (422, "explained busy")
        go.set()
        assert {status for status, _ in await asyncio.gather(first, *others)} == {303}
        assert (await told(session, url, TOKEN + FILE + CONTENT + END))[0] == 303

    assert play(portal, use).kept == [CONTENT] * 5


def test_while_a_file_comes_slowly_pages_are_answered(portal: Path) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        go = asyncio.Event()
        slow = sending(session, url, go)
        await begun(behind, 1)
        for _ in range(20):
            async with session.get(url) as answer:
                assert answer.status == 422
        assert not slow.done()
        go.set()
        assert (await slow)[0] == 303

    play(portal, use)


def test_line_that_is_silent_or_gone_gives_the_place_back(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(session: ClientSession, url: str, behind: Behind) -> None:
        gone = sending(session, url, asyncio.Event())
        await begun(behind, 1)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        async with asyncio.timeout(60):
            while (await told(session, url, TOKEN + FILE + CONTENT + END))[0] != 303:
                await asyncio.sleep(0.01)
        for name in ("SILENCE", "DRAIN"):
            monkeypatch.setattr(uploads, name, 0.2)
        silent = sending(session, url, asyncio.Event())
        with pytest.raises((KeyError, ClientError)):  # explained, with no Location
            async with asyncio.timeout(60):
                await silent

    assert play(portal, use).kept == [CONTENT]
