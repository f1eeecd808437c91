"""A chain of lines: what is cut, changed, swapped or torn is found, and reading never fails."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from homeroom.ops.incident.chain import EMPTY, Chain, next_lines, read_chain
from homeroom.ops.incident.facts import fact_in, incidents_in
from homeroom.ops.incident.journal import compared, head_in, judged

VALUES = st.dictionaries(st.sampled_from(["kind", "words", "what"]), st.text(max_size=12) | st.integers() | st.none(), max_size=3)
FILES = st.lists(VALUES, min_size=1, max_size=6)


def file_of(all_values: list[dict[str, Any]], content: bytes = b"") -> bytes:
    for values in all_values:
        more, _ = next_lines(read_chain(content), values)
        content += more
    return content


@given(FILES)
def test_written_lines_are_read_again_and_are_whole(all_values: list[dict[str, Any]]) -> None:
    chain = read_chain(file_of(all_values))
    assert [{**line.values, "n": 0, "before": ""} for line in chain.lines] == [{**values, "n": 0, "before": ""} for values in all_values]
    assert judged(chain, chain.head).state == "whole" and chain.head.number == len(all_values)
    assert compared(chain, head_in(str(chain.head))) is None


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(content: bytes) -> None:
    chain = read_chain(content)
    assert incidents_in(chain.lines) == {} or chain.lines
    assert judged(chain, None).state in ("whole", "torn", "headless", "broken")


@given(FILES, st.data())
def test_a_file_that_was_cut_anywhere_shows_its_first_lines_and_can_be_continued(all_values: list[dict[str, Any]], data: st.DataObject) -> None:
    """A killed command, or a lost power supply, leaves any part of the last line."""
    content = file_of(all_values)
    cut = content[: data.draw(st.integers(0, len(content)))]
    chain = read_chain(cut)
    assert chain.lines == read_chain(content).lines[: len(chain.lines)] and not chain.broken
    assert judged(chain, chain.head).state == ("torn" if chain.torn else "whole")
    after = read_chain(file_of([{"words": "goes on"}], cut))
    assert not after.broken and not after.torn and after.lines[-1].values["words"] == "goes on"
    assert after.interrupted == bool(chain.torn) and after.lines[: len(chain.lines)] == chain.lines
    if len(chain.lines) < len(all_values):
        known = read_chain(content).head
        assert judged(chain, known).state == "cut", "the head that was written down isn't there"
        assert judged(after, known).state == "cut", "nor is it later"


@given(FILES, st.data())
def test_a_byte_that_was_changed_is_found(all_values: list[dict[str, Any]], data: st.DataObject) -> None:
    content = file_of(all_values)
    at = data.draw(st.integers(0, len(content) - 1))
    changed = content[:at] + bytes([data.draw(st.integers(0, 255).filter(lambda each: each != content[at]))]) + content[at + 1 :]
    assert judged(read_chain(changed), read_chain(content).head).state in ("broken", "cut", "torn")


@given(st.lists(VALUES, min_size=3, max_size=6), st.data())
def test_lines_that_were_removed_or_swapped_are_found(all_values: list[dict[str, Any]], data: st.DataObject) -> None:
    content = file_of(all_values)
    lines, known = content.splitlines(keepends=True), read_chain(content).head
    gone = data.draw(st.integers(0, len(lines) - 1))
    assert judged(read_chain(b"".join(lines[:gone] + lines[gone + 1 :])), known).state in ("broken", "cut")
    assert judged(read_chain(b"".join([lines[1], lines[0], *lines[2:]])), known).state == "broken"
    assert judged(read_chain(b""), known).state == "cut", "the whole file is gone"


def test_a_line_that_only_lacks_its_line_break_counts() -> None:
    content = file_of([{"words": "one"}, {"words": "two"}])
    chain = read_chain(content[:-1])
    assert (len(chain.lines), chain.is_open, chain.torn) == (2, True, b"")
    assert len(read_chain(file_of([{"words": "three"}], content[:-1])).lines) == 3


def test_a_torn_line_is_only_excused_by_the_line_that_names_it() -> None:
    content = file_of([{"words": "one"}])
    torn = file_of([{"words": "two"}], content + b'{"n":2,"wor')
    assert judged(read_chain(torn), None).state == "headless" and read_chain(torn).interrupted == 1
    assert read_chain(torn.replace(b'"wor', b'"war')).broken == 2
    assert read_chain(b'{"n":2,"wor\n' + content).broken == 1


def test_deep_and_odd_json_is_no_line() -> None:
    odd = [b"[" * 100_000, b"7", b"null", b'{"n": true}', b'{"n": "1"}', b"\xff", b'{"n": 1e400}', json.dumps({"n": 1}).encode()]
    for piece in odd:
        assert read_chain(piece + b"\n").broken == 1
    assert read_chain(b"") == Chain() and Chain().head == EMPTY


def test_a_fact_that_cannot_be_read_is_left_out() -> None:
    content = file_of([{"kind": "note", "incident": 1, "at": "yesterday", "by": "", "user": ""}, {"kind": "note", "incident": "x"}, {}])
    assert [fact_in(line) for line in read_chain(content).lines] == [None, None, None]
