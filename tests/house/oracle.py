"""Asks two databases the same question and compares everything that comes back: rows, errors, notices, plans, counters.

A Caller is one connection. It sends many calls in one message, each in a savepoint that is rolled back, so thousands take seconds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from psycopg import pq

from tests.school import School

FIELDS = tuple(pq.DiagnosticField)
FINE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_IN, pq.ExecStatus.EMPTY_QUERY)
IN_ONE_MESSAGE = 150
TRIES = 5
ENOUGH = 60  # the most differences that are reported
# EXPLAIN's own measurements of time and memory. Nothing else is removed from an answer.
MEASURED = re.compile(
    r"CPU: .*|(?<=actual time=)[\d.]+|(?<=Time: )[\d.]+|(?<=Memory: )\S+|(?<=used=)\d+kB|(?<=allocated=)\d+kB|(?<=\.\.)\d+\.\d+(?= rows=[\d.]+ loops)"
)
TOKENS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d[\d:. +-]*\d|\w+|\W")


@dataclass(frozen=True, slots=True)
class Call:
    """`name` is the name of a failure."""

    name: str
    statement: str


class Caller:
    def __init__(self, school: School, login: str = "app") -> None:
        self.school, self.login = school, login
        self.heard: list[str] = []
        self.connect()

    def connect(self) -> None:
        self.connection = self.school.connect(self.login, autocommit=True)
        self.pgconn = self.connection.pgconn
        self.pgconn.notice_handler = self.hear

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hear(self, notice: pq.abc.PGresult) -> None:
        self.heard.extend(MEASURED.sub("-", line) if "CPU: " in line else line for line in said("notice", notice))

    def send(self, before: Sequence[str], calls: Sequence[Call]) -> None:
        if self.pgconn.status != pq.ConnStatus.OK:  # an error may end the session (exit_on_error)
            self.close()
            self.connect()
        aborted = self.pgconn.transaction_status == pq.TransactionStatus.INERROR
        words = ["ROLLBACK"] if aborted else []
        self.told_before = len(self.heard)
        self.skipped = len(words) + 1 + len(before)
        words += ["BEGIN", *before]
        for call in calls:
            words += ["SAVEPOINT call", call.statement, "ROLLBACK TO call"]
        self.pgconn.send_query(";\n".join([*words, "ROLLBACK"]).encode())

    def receive(self, calls: Sequence[Call]) -> list[str]:
        """Returns each call's answer, up to the first error, which ends the message. An error before the first call is the answer to every call."""
        answers: list[str] = []
        for place, lines in enumerate(self.results()):
            number, part = divmod(place - self.skipped, 3)
            is_error = bool(lines) and lines[0].startswith("error")
            if number < 0 and is_error:
                answers = ["\n".join(lines)] * len(calls)
            elif (number >= 0 and part == 1 and number < len(calls)) or (is_error and len(answers) < len(calls)):
                answers.append("\n".join(lines))
        if len(calls) == 1:
            answers = ["\n".join([*answers, *self.heard[self.told_before :]])]
        return answers

    def results(self) -> Iterator[list[str]]:
        while (result := self.pgconn.get_result()) is not None:
            lines = said("error", result) if result.status not in FINE else list(shown(result))
            if result.status == pq.ExecStatus.COPY_OUT:
                lines += list(self.copied())
            elif result.status == pq.ExecStatus.COPY_IN:
                self.pgconn.put_copy_end(b"nothing to copy")
            yield lines

    def copied(self) -> Iterator[str]:
        while (got := self.pgconn.get_copy_data(0))[0] > 0:
            yield f"copied: {bytes(got[1])!r}"


def tell_nothing(differences: Sequence[str]) -> None:
    """Fails if there are differences, and names them, one line per call."""
    if differences:
        pytest.fail("\n".join([f"{len(differences)} answers differ", *(line[:400] for line in differences[:ENOUGH])]), pytrace=False)


def said(what: str, result: pq.abc.PGresult) -> list[str]:
    """Returns every field of an error or a notice, with the place in PostgreSQL's source."""
    found = {field.name.lower(): result.error_field(field) for field in FIELDS}
    return [f"{what} {name}: {value.decode(errors='replace')}" for name, value in found.items() if value is not None]


def shown(result: pq.abc.PGresult) -> Iterator[str]:
    yield f"tag: {(result.command_status or b'').decode()}"
    columns = range(result.nfields)
    yield from (f"column: {(result.fname(c) or b'').decode(errors='replace')} {result.ftype(c)}" for c in columns)
    for row in range(result.ntuples):
        cells = (result.get_value(row, c) for c in columns)
        yield "row: " + " | ".join("NULL" if cell is None else cell.decode(errors="replace") for cell in cells)


@dataclass
class Pair:
    """Callers, usually two, that make the same calls. `blind` matches lines of a plan that may differ, such as buffers if something is open."""

    callers: tuple[Caller, ...]
    blind: str = "^$"

    def close(self) -> None:
        for caller in self.callers:
            caller.close()

    def answers(self, before: Sequence[str], calls: Sequence[Call], in_one_message: int = IN_ONE_MESSAGE) -> list[list[str]]:
        """Returns one list per caller. All databases work at the same time. In a message of its own, a call answers with its notices."""
        found: list[list[str]] = [[] for _ in self.callers]
        size = [in_one_message for _ in self.callers]
        while any(len(answers) < len(calls) for answers in found):
            parts = [calls[len(answers) : len(answers) + most] for answers, most in zip(found, size, strict=True)]
            for caller, part in zip(self.callers, parts, strict=True):
                if part:
                    caller.send(before, part)
            for at, part in enumerate(parts):
                if part:
                    got = self.callers[at].receive(part)
                    found[at] += [self.cleaned(answer.replace(self.callers[at].school.database, "-")) for answer in got]
                    size[at] = min(in_one_message, 2 * len(got))  # fewer after an error, which wasted the rest of the message
        return found

    def cleaned(self, answer: str) -> str:
        if "QUERY PLAN" in answer:
            answer = MEASURED.sub("-", "\n".join(line for line in answer.splitlines() if not re.search(self.blind, line)))
        return answer

    def differences(self, before: Sequence[str], calls: Sequence[Call], in_one_message: int = IN_ONE_MESSAGE) -> list[str]:
        """Names each call whose answers differ, and the first line that differs."""
        for caller in self.callers:
            caller.heard.clear()
        one, other = self.answers(before, calls, in_one_message)
        if self.callers[0].heard != self.callers[1].heard:  # libpq doesn't say which call a notice is from
            one, other = self.answers(before, calls, in_one_message=1)
        doubtful = [call for call, mine, yours in zip(calls, one, other, strict=True) if mine != yours]
        return [f"{call.name}: {why}" for call in doubtful[:ENOUGH] if (why := self.stands(before, call))]

    def stands(self, before: Sequence[str], call: Call) -> str:
        """Asks again, several times. A clock, a random number or a cache also differs between two answers of one database. A row doesn't."""
        one, other = zip(*(self.answers(before, [call], in_one_message=1) for _ in range(TRIES)), strict=True)
        mine, yours = [answers[0] for answers in one], [answers[0] for answers in other]
        if set(mine) & set(yours):
            return ""
        return first_difference([TOKENS.findall(answer) for answer in mine], [TOKENS.findall(answer) for answer in yours])


def first_difference(mine: Sequence[list[str]], yours: Sequence[list[str]]) -> str:
    """Returns the first line that differs, or '' if only words differ that change from one answer to the next."""
    told = next((f"{my!r} and {your!r}" for my, your in zip(*("".join(each[-1]).splitlines() for each in (mine, yours)), strict=False) if my != your), "longer")
    for length in {len(words) for words in mine} & {len(words) for words in yours}:
        one, other = ([words for words in each if len(words) == length] for each in (mine, yours))
        fixed = [len({words[at] for words in one}) == len({words[at] for words in other}) == 1 for at in range(length)]
        lines = ["".join(word if is_fixed else "?" for word, is_fixed in zip(words[0], fixed, strict=True)) for words in (one, other)]
        if lines[0] == lines[1]:
            return ""
        told = next(f"{my!r} and {your!r}" for my, your in zip(*(each.splitlines() for each in lines), strict=False) if my != your)
    return told
