"""Carl views what a file on hold would change, and decides. No one else can."""

import json
import re
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest

from homeroom.portal.audit.lines import kind_of
from homeroom.portal.intake.office.change_words import summaries
from homeroom.portal.intake.office.pages_words import sentence
from tests.browser import Browser, Page, numbers, words_of
from tests.cast import CANARY, Writer
from tests.school import School, proof_of

REASONS = [["rows-leave", {"table": "enrollment", "count": 412, "of": 1004, "share": 0.41, "limit": 0.05}],
           ["school-empty", {"school": "Lincoln Middle", "before": 412}]]  # fmt: skip


@pytest.fixture
def held(own_school: School) -> int:
    """Adds a file on hold that would end 412 enrollments and change two scores of Lincoln Elementary."""
    with own_school.connect("owner") as owner:
        w = Writer(owner)
        file = {"digest": "1" * 64, "sender": "lincoln-it", "received_at": datetime.now(UTC), "state": "held", "reasons": json.dumps(REASONS)}
        number = int(w.row("delivery", reason="rows-leave", numbers=json.dumps(REASONS[0][1]), **file))
        counts = {"delivery_id": number, "school": "middle", "school_title": "Lincoln Middle"}
        w.row("change_count", shape="enrollment", kind="going", rows=412, **counts)
        w.row("change_count", **{**counts, "shape": "result", "kind": "changed", "rows": 2, "school": "elementary", "school_title": "Lincoln Elementary"})
        nina = owner.execute("SELECT id FROM person WHERE sourced_id = 'nina'").fetchone()
        rows = [{"shape": "result", "kind": "changed", "old": {"score": 9, "line_item": "Quiz"}, "new": {"score": 4, "line_item": "Quiz"}}]
        for place, (name, odd) in enumerate((("Nina Ruiz", []), ("Ida Novak", ["many-students"]), *((f"Zoe Reed{n}", []) for n in range(60)))):
            change = w.row("change", delivery_id=number, place=place + 1, about="person", sourced_id=name, name=name, search=name.lower(),
                           person_id=nina[0] if nina and not place else None, schools=["middle"], marks=["result", "changed", "result changed"],
                           counts='{"result changed": 214}', stands_out=odd)  # fmt: skip
            w.row("change_detail", change_id=change, rows=json.dumps(rows))
    return number


def carl(path: str, language: str = "en") -> Page:
    return Browser("carl", "staff", language).open(path)


def decide(file: int, **values: str) -> Page:
    return Browser("carl", "staff").post(f"/imports/{file}/decision", values)


def listed(file: int, name: str) -> Page:
    return Browser("carl", "staff").post(f"/imports/{file}/changes", {"name": name})


def buttons(page: Page) -> dict[str, str]:
    """Returns the words of the buttons that decide, by verdict."""
    return {button.get("value", ""): words_of(button) for button in page.find("button") if button.get("name") == "verdict"}


def decisions(school: School, number: int) -> list[tuple[Any, ...]]:
    with school.connect("owner") as owner:
        return owner.execute("SELECT verdict, why, schools, tables FROM decision WHERE delivery_id = %s", [number]).fetchall()


def test_the_list_shows_the_content_of_a_file_as_text(held: int, own_school: School) -> None:
    with own_school.connect("owner") as owner:
        owner.execute("UPDATE change SET name = '<s>Zoe</s>', schools = '{<s>}' WHERE delivery_id = %s", [held])
        owner.execute("UPDATE change_count SET school_title = '<s>Middle</s>' WHERE delivery_id = %s", [held])
    page = carl(f"/imports/{held}/changes")
    assert "<s>Zoe</s>" in page.words and "<s>Middle</s>" in page.words
    assert not page.find("s")


def test_a_held_file_says_all_its_reasons_and_what_to_do(held: int) -> None:
    page = carl(f"/imports/{held}")
    assert "why" in page.said and "1004" not in page.words
    assert numbers(page.part("why"))[:3] == ["41", "412", "1,004"] and "Lincoln Middle" in page.part("why")
    assert buttons(page).keys() == {"reject", "approve"} and numbers(buttons(page)["approve"]) == ["412"]
    assert "on-hold" in carl("/imports").said


def test_a_file_that_waits_behind_another_can_be_rejected_and_not_approved(held: int, own_school: School) -> None:
    with own_school.connect("owner") as owner:
        file = {"digest": "3" * 64, "sender": "lincoln-it", "received_at": datetime.now(UTC), "state": "held", "reasons": '[["waits-behind", {}]]'}
        number = int(Writer(owner).row("delivery", reason="waits-behind", **file))
    page = carl(f"/imports/{number}")
    assert sentence("waits-behind", {}) in page.part("why") and buttons(page).keys() == {"reject"}
    rows = ["".join(row.itertext()) for row in carl("/imports").find("tr")]
    assert any("Waits" in words and "View" in words for words in rows)


def test_a_file_that_came_after_an_undo_links_to_the_undone_import(held: int, own_school: School) -> None:
    with own_school.connect("owner") as owner:
        file = {"digest": "4" * 64, "sender": "lincoln-it", "received_at": datetime.now(UTC), "state": "held"}
        number = int(Writer(owner).row("delivery", reason="after-undo", reasons=f'[["after-undo", {{"undone": {held}}}]]', **file))
    page = carl(f"/imports/{number}")
    assert sentence("after-undo", {"undone": held}) in page.part("why") and page.links.count(f"/imports/{held}") == 1


def test_the_button_that_loses_nothing_is_the_filled_one(held: int) -> None:
    kinds = {button.get("value"): button.get("class", "") for button in carl(f"/imports/{held}").find("button")}
    assert "button-act" in kinds["reject"] and "button-ends" in kinds["approve"]


def test_counts_by_kind_and_school_then_person_by_person(held: int) -> None:
    page = carl(f"/imports/{held}/changes")
    assert re.search(r"Class enrollments\s*412\s*0\s*0", page.words) and re.search(r"Lincoln Elementary\s*0\s*2\s*0", page.words)
    assert "62 found" in page.words and "Nina Ruiz" in page.words and "Changes: 214 scores." in page.words
    assert CANARY not in page.text


def test_the_page_shows_old_next_to_new_and_the_view_is_in_ninas_access_log(own_school: School, held: int) -> None:
    path = next(a.get("href", "") for a in listed(held, "nina").find("a") if f"/imports/{held}/changes/" in a.get("href", ""))
    page = carl(path)
    assert [row for row in page.rows if len(row) == 3] == [["Work", "Quiz", "Quiz"], ["Score", "9", "4"]] and "and 213 more rows" in page.words
    assert kind_of("changes") in Browser("ana", "family").open(f"/children/{own_school.uuid('nina')}/who-has-looked").words


def test_a_newcomer_is_read_without_a_recorded_view_and_in_no_other_way(own_school: School, held: int) -> None:
    path = next(a.get("href", "") for a in listed(held, "ida").find("a") if "/newcomers/" in a.get("href", ""))
    page = carl(path)
    assert page.said == {"odd-1"} and "200" in numbers(page.at("odd-1"))
    with own_school.connect("owner") as owner:
        nina = owner.execute("SELECT uuid FROM change WHERE delivery_id = %s AND person_id IS NOT NULL", [held]).fetchone()
    assert nina and carl(f"/imports/{held}/newcomers/{nina[0]}").status == 404
    assert carl(path.replace("newcomers", "changes")).status == 404


def test_a_change_is_read_under_its_own_file_alone(own_school: School, held: int) -> None:
    assert carl(f"/imports/{held}/changes/{own_school.uuid('changes/nina')}").status == 404


def test_carl_who_is_restricted_from_nina_does_not_find_her(own_school: School, held: int) -> None:
    own_school.change(
        "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)"
        " SELECT gen_random_uuid(), c.id, n.id, 'court order', today() - 5 FROM person c, person n WHERE c.sourced_id = 'carl' AND n.sourced_id = 'nina'"
    )
    assert "61 found" in carl(f"/imports/{held}/changes").words
    assert carl(f"/imports/{own_school.ids['file']}/changes/{own_school.uuid('changes/nina')}").status == 404


@pytest.mark.parametrize(
    ("values", "words"),
    [({"verdict": "reject"}, "Write a reason."), ({"verdict": "approve", "number": "412"}, "Write a reason"),
     ({"verdict": "approve", "why": "checked"}, "Type 412"), ({"verdict": "approve", "why": "checked", "number": "411"}, "Type 412"),
     ({"why": "checked"}, "Choose whether"), ({"verdict": "burn", "why": "checked"}, "Choose whether"),
     ({"verdict": "approve", "why": "checked", "number": "412", "school": "elsewhere"}, "The file changes nothing there")],
)  # fmt: skip
def test_a_decision_that_lacks_something_says_what_and_keeps_what_was_typed(own_school: School, held: int, values: dict[str, str], words: str) -> None:
    page = decide(held, **values)
    assert page.status == 422 and words in page.words
    assert decisions(own_school, held) == []
    if "why" in values:
        assert [area.text for area in page.find("textarea")] == ["checked"]


def test_everything_left_out_is_a_rejection(own_school: School, held: int) -> None:
    page = Browser("carl", "staff").post(f"/imports/{held}/decision", {"verdict": "approve", "why": "x", "number": "412", "table": ["enrollment", "result"]})  # type: ignore[dict-item]
    assert page.status == 422 and "#decision-part" in page.links
    assert decisions(own_school, held) == []


def test_the_approval_page_says_it_asks_about_the_whole_file(own_school: School, held: int) -> None:
    """The number stays the same whatever is ticked, so the page must not present it as the number of a part."""
    page = carl(f"/imports/{held}")
    assert "whole file" in page.hint("number") and "whole file" in buttons(page)["approve"]


def test_approving_a_part_keeps_who_when_why_and_what_was_left_out(own_school: School, held: int) -> None:
    page = decide(held, verdict="approve", why="Only the scores", number="412", school="middle")
    assert (page.status, page.headers["Location"]) == (302, f"/imports/{held}#decision")
    assert decisions(own_school, held) == [("approve", "Only the scores", ["middle"], [])]
    page = carl(f"/imports/{held}")
    assert all(words in page.part("decided") for words in ("Carl Webb", "Lincoln Middle.", "In progress."))
    assert page.part("deciding") == ""
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT event, capacity FROM ledger WHERE delivery_id = %s", [held]).fetchall() == [("import approve", "administrator")]


def test_a_decision_that_could_not_be_carried_out_says_why(own_school: School, held: int) -> None:
    decide(held, verdict="reject", why="cut off")
    own_school.change("UPDATE decision SET done_at = now(), answer = 'not-carried-out' WHERE delivery_id = %s", held)
    page = carl(f"/imports/{held}")
    assert sentence("not-carried-out", {}) in page.part("decided") and "reject" in buttons(page)


def test_the_second_of_two_reads_who_was_first_and_changes_nothing(own_school: School, held: int) -> None:
    assert decide(held, verdict="reject", why="cut off").status == 302
    page = decide(held, verdict="approve", why="fine", number="412")
    assert page.status == 409 and "late" in page.said and "Carl Webb rejected" in page.part("late")
    assert decisions(own_school, held) == [("reject", "cut off", [], [])]


def test_one_of_two_decisions_at_the_same_time_wins(own_school: School, held: int) -> None:
    """Both transactions are open at the same time. The second waits for the first."""
    call = "SELECT write_decision(%s, %s, 'why', '{}', '{}')"
    answers: list[Any] = []

    def second() -> None:
        with own_school.connect("app") as other:
            other.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
            answers.append(other.execute(call, [held, "approve"]).fetchone())

    with own_school.connect("app") as first:
        first.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        assert first.execute(call, [held, "reject"]).fetchone() == (True,)
        thread = Thread(target=second)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive() and answers == []
        first.commit()
        thread.join(10)
    assert answers == [(False,)]
    assert [verdict for verdict, *_ in decisions(own_school, held)] == ["reject"]


def test_undoing_an_import_also_undoes_a_later_one_that_builds_on_it(own_school: School) -> None:
    number = own_school.ids["file"]
    with own_school.connect("owner") as owner:
        file = {"digest": "4" * 64, "sender": "lincoln-it", "received_at": datetime.now(UTC), "ended_at": datetime.now(UTC), "state": "imported"}
        later = int(Writer(owner).row("delivery", **file))
    page = carl(f"/imports/{number}")
    assert numbers(buttons(page)["undo"]) == ["2"] and f"/imports/{later}" in page.links
    assert decide(number, verdict="undo", why="wrong year").status == 422, "the page that he saw knew of no later one"
    assert "#decision-verdict" in decide(number, verdict="undo", why="wrong year").links
    assert decide(number, verdict="undo", why="wrong year", later=str(later)).status == 302
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT delivery_id FROM decision WHERE done_at IS NULL ORDER BY id").fetchall() == [(later,), (number,)]
    decided = carl(f"/imports/{later}").part("decided")
    assert "Carl Webb" in decided and "undo" in decided


def test_an_import_of_the_last_30_days_can_be_taken_back_and_no_older_one(own_school: School) -> None:
    number = own_school.ids["file"]
    assert "Undo this import" in carl(f"/imports/{number}").words
    assert decide(number, verdict="undo").status == 422
    assert decide(number, verdict="undo", why="wrong year").status == 302
    own_school.change("UPDATE decision SET done_at = now(), answer = 'not-carried-out' WHERE done_at IS NULL")
    own_school.change("UPDATE delivery SET ended_at = now() - interval '31 days'")
    assert "Undo this import" not in carl(f"/imports/{number}").words
    assert decide(number, verdict="undo", why="wrong year").status == 409


PATHS = ["/imports/{file}/changes", "/imports/{file}/changes/{nina}", "/imports/{file}/newcomers/{ida}", "/imports/{file}/decision"]


@pytest.mark.parametrize(
    ("person", "side"), [("bo", "staff"), ("rosa", "staff"), ("pat", "staff"), ("ana", "family"), ("nina", "student"), ("tia", "family")]
)
@pytest.mark.parametrize("path", PATHS)
def test_only_an_administrator_finds_a_change_set(school: School, person: str, side: str, path: str) -> None:
    there = path.format(file=school.ids["file"], nina=school.uuid("changes/nina"), ida=school.uuid("changes/ida"))
    browser = Browser(person, side)
    assert browser.open(there).status == 404
    assert browser.post(f"/imports/{school.ids['file']}/decision", {"verdict": "undo", "why": "x"}).status == 404


@pytest.mark.parametrize(("person", "side"), [("bo", "staff"), ("pat", "staff"), ("ana", "family")])
def test_the_database_takes_no_decision_of_anybody_else(own_school: School, held: int, person: str, side: str) -> None:
    with own_school.asked_by(person, side) as app:
        assert app.execute("SELECT write_decision(%s, 'approve', '', '{}', '{}')", [held]).fetchone() == (False,)


def test_the_pages_of_a_held_file_are_in_spanish(own_school: School, held: int) -> None:
    assert "retenido" in carl(f"/imports/{held}", "es").at("why")
    assert "Persona por persona" in carl(f"/imports/{held}/changes", "es").words
    assert "Lo que cambiaría" in carl(f"/imports/{own_school.ids['file']}/changes/{own_school.uuid('changes/nina')}", "es").words


def test_a_list_says_what_each_person_loses_first_and_names_no_table() -> None:
    said = summaries()({"result new": 2, "agent going": 1, "enrollment going": 1006})
    assert numbers(said) == ["1", "1,006", "2"] and said.startswith("Loses 1") and "Gets 2" in said
    assert "agent" not in said and "result" not in said


def test_a_decision_comes_from_the_form_alone_and_a_field_sent_twice_counts_once(own_school: School, held: int) -> None:
    carl_here, path = Browser("carl", "staff"), f"/imports/{held}/decision"
    assert carl_here.post(f"{path}?verdict=reject&why=In+the+address", {}).status == 422 and decisions(own_school, held) == []
    twice: dict[str, Any] = {"verdict": ["approve", "reject"], "why": ["Wrong file", "Two schools are missing"]}
    assert carl_here.post(path, twice).status == 302
    assert decisions(own_school, held) == [("reject", "Two schools are missing", [], [])]
