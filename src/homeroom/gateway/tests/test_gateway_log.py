"""A stranger causes events as fast as possible. The log stays small and says how many lines are missing."""

import json

import pytest

from homeroom.gateway.log import LINES_A_MINUTE, SparingLog


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_minute_has_twenty_lines_and_then_the_number_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    log = SparingLog(clock)
    for n in range(5000):
        log.say("sign-in refused", sender="unknown", peer=f"10.0.0.{n % 250}")
        log.tell_left_out()
    written = lines(capsys)
    assert len(written) == LINES_A_MINUTE and {line["event"] for line in written} == {"sign-in refused"}
    clock.now += 60
    log.tell_left_out()
    (left_out,) = lines(capsys)
    assert (left_out["event"], left_out["of"], left_out["sender"], left_out["lines"]) == ("lines left out", "sign-in refused", "unknown", 4980)
    log.say("sign-in refused", sender="unknown")
    assert len(lines(capsys)) == 1


def test_strangers_do_not_hide_the_lines_of_a_sender(capsys: pytest.CaptureFixture[str]) -> None:
    log = SparingLog(Clock())
    for _ in range(100):
        log.say("sign-in refused", sender="unknown")
    log.say("sign-in refused", sender="lincoln-it")
    log.say("no room for another connection", errno=24)
    assert [line.get("sender") for line in lines(capsys)[-2:]] == ["lincoln-it", None]


def test_the_end_of_the_gateway_does_not_wait_for_the_minute(capsys: pytest.CaptureFixture[str]) -> None:
    log = SparingLog(Clock())
    for _ in range(LINES_A_MINUTE + 1):
        log.say("sign-in refused", sender="unknown")
    log.tell_left_out(is_last=True)
    assert lines(capsys)[-1]["lines"] == 1
    log.tell_left_out(is_last=True)
    assert lines(capsys) == []
