"""The tools of the journeys: the relay that keeps emails, printed sheets, requests at the same moment, an app's digits."""

import re
import smtplib
import time
from datetime import date
from email.message import EmailMessage
from itertools import pairwise
from typing import Any, cast

import pytest

from homeroom.ops.answers import NotDone
from homeroom.portal.letters.card import new_card
from homeroom.portal.letters.code import grouped, new_code
from tests.journeys import post
from tests.journeys.post import relay_on_loopback
from tests.journeys.privacy_asked import business_days_after
from tests.journeys.run import run_journeys
from tests.journeys.sign_in import scene
from tests.journeys.sign_in.families import words_on
from tests.journeys.sign_in.paper import CODE, Sheet, told_by
from tests.journeys.sign_in.raw import RawAnswer, at_once
from tests.journeys.sign_in.scene import Scene


def mail(to: str, words: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "homeroom@lincoln.example", to, "a code"
    made.set_content(words)
    return made


def sheet(text: str = "", squares: tuple[str, ...] = ()) -> Sheet:
    return Sheet(text, is_tagged=True, pages=1, squares=squares)


def test_the_relay_keeps_each_email_for_its_recipient_with_its_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "PATIENCE", 5.0)
    with relay_on_loopback() as kept:
        with smtplib.SMTP("127.0.0.1", kept.port, timeout=10) as line:
            for to, words in (("ana@a.example", ".one"), ("dee@a.example", "other"), ("ana@a.example", "two")):
                line.send_message(mail(to, words))
        assert kept.awaited("ana@a.example", 1).get_content().strip() == ".one"
        assert kept.awaited("ana@a.example", 2).get_content().strip() == "two"


def test_a_mail_that_does_not_come_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "PATIENCE", 0.2)
    with relay_on_loopback() as kept, pytest.raises(NotDone, match=r"number 1 came to ana@a\.example"):
        kept.awaited("ana@a.example", 1)


def test_every_code_and_every_card_is_found_on_its_sheet() -> None:
    for _ in range(200):
        code, card = grouped(new_code()), new_card()
        assert sheet(f"Your code\n   {code}\nUse it by Dec 16, 2026.").code == code
        assert words_on(sheet(squares=(f"http://localhost:8000/sign-in/card#{card}",))) == card.replace("-", " ")


def test_a_sheet_without_a_code_or_a_square_is_said() -> None:
    with pytest.raises(NotDone):
        _ = sheet("LINCOLN UNIFIED (555) 010-0130").code
    for squares in ((), ("http://localhost:8000/sign-in/card",)):
        with pytest.raises(NotDone):
            words_on(sheet(squares=squares))
    assert CODE.search("Lincoln Unified, Dec 16, 2026") is None


def test_a_tool_that_fails_is_said_by_name() -> None:
    with pytest.raises(NotDone, match=r"^ls: "):
        told_by("ls", "/nowhere/at/all")


def test_calls_at_one_moment_are_answered_each_in_its_place() -> None:
    moments: dict[int, float] = {}

    def call(number: int) -> RawAnswer:
        moments[number] = time.monotonic()
        return RawAnswer(200 + number, {}, "")

    answers = at_once([lambda number=number: call(number) for number in range(3)])  # type: ignore[misc]
    assert [answer.status for answer in answers] == [200, 201, 202] and len(moments) == 3


def test_no_digits_of_an_app_are_typed_twice_and_none_is_too_far_off(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [3_000_000.0]
    monkeypatch.setattr(scene.time, "time", lambda: clock[0])
    monkeypatch.setattr(scene.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))

    class Played:
        authenticators = {"lincoln bo.larsen": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}

    played, steps = Scene(cast(Any, Played()), cast(Any, None), cast(Any, None)), []
    for _ in range(8):
        assert re.fullmatch(r"\d{6}", played.digits("bo.larsen"))
        steps.append(played.steps["bo.larsen"])
        assert abs(steps[-1] - int(clock[0]) // 30) <= 1
    assert all(later > earlier for earlier, later in pairwise(steps))


def test_an_unknown_journey_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotDone, match="main, import, sign-in"):
        run_journeys(["nowhere"])


def test_business_days_leave_out_weekends() -> None:
    ends = {date(2026, 12, 2): date(2026, 12, 9), date(2026, 12, 4): date(2026, 12, 11), date(2026, 12, 5): date(2026, 12, 11)}  # a Wednesday, Friday, Saturday
    assert {day: business_days_after(day, 5) for day in ends} == ends
