"""The words of every page, in both languages. Tests of pages check facts, so a text that gets better touches only these files.

HOMEROOM_ACCEPT=1 writes the files in words/ again. Then read each changed line aloud.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from homeroom.portal.access.acting import Answer, Reply
from homeroom.portal.audit import withheld_pages
from homeroom.portal.door.news import WORDS
from homeroom.portal.grades import setting_pages
from homeroom.portal.intake.office import question_pages
from homeroom.portal.membership.challenges import office_pages as challenges
from homeroom.portal.membership.challenges import pages as challenging
from homeroom.portal.membership.choices import words as choices
from homeroom.portal.membership.codes import letter_pages
from homeroom.portal.membership.duties import pages as duties
from homeroom.portal.membership.eighteen import pages as eighteen
from homeroom.portal.membership.leaving import pages as leaving
from homeroom.portal.membership.masking import pages as masking
from homeroom.portal.membership.requests import office_pages as requests
from homeroom.portal.membership.restore import words as restoring
from homeroom.portal.membership.ties import pages as ties
from homeroom.portal.membership.tutors import pages as tutors
from homeroom.portal.membership.two_people import pages as two_people
from homeroom.portal.news import pages as news
from homeroom.portal.privacy.consents import pages as consents
from homeroom.portal.privacy.corrections import pages as corrections
from homeroom.portal.support import pages as support
from tests.browser import Browser, H, parsed
from tests.house.door_pages import PAGES, open_door, step_of
from tests.house.page_words import FOLDER, IS_ACCEPTED, differences, lines_in, lines_of, written
from tests.house.test_doors import GUARDED, Door, samples
from tests.house.test_pages import NOWHERE, PEOPLE
from tests.school import School

LANGUAGES = [code for code, _name in settings.LANGUAGES]
FORGET = "; ".join(f"DELETE FROM {table}" for table in ("ledger_link", "ledger_student", "ledger", "view_day", "opening", "look_count"))
# What a page says after a form, by page.
REPLIES: dict[str, Callable[[Answer | str], Reply | None]] = {
    "access log": withheld_pages.said_of, "access settings": choices.said_after, "ages": eighteen.said_of, "alias": masking.said_of,
    "challenge": challenging.said_of, "challenges": challenges.said_of, "correction": corrections.told_family, "corrections": corrections.told_office,
    "duties": duties.said_of, "grades": setting_pages.said_of,
    "inspection": leaving.told_family, "inspections": leaving.told_office, "letters": lambda then: letter_pages.said_of(str(then)), "news": news.told,
    "question": question_pages.said, "requests": requests.said_of, "second approvals": two_people.said_of, "sharing": consents.told_family,
    "support": support.said_of,
    "ties": ties.said_of, "tutor": tutors.told_tutor, "tutors of a child": tutors.told_family, "tutors": tutors.told_office,
}  # fmt: skip
OTHERS = (  # answers that are no Answer of the database
    "act", "challenger", "chosen", "empty", "join barred", "join challenged", "join name", "join same", "join tied", "late", "none", "numbers",
    "part barred", "part hidden", "printer", "refused", "restricted", "untouched", "way", "whom", "written",
)  # fmt: skip


def room_of(door: Door) -> str:
    """Returns a page's file: the folder of its view, and the page's name."""
    return "/".join([*door.view.__module__.split(".")[2:-1], door.name])


def roles_of(door: Door) -> list[str]:
    """Returns the roles that may do the page's act. Whether they may do it about the sample is for the database to say."""
    sides = {"family", "student", "staff"}
    who = door.guarded.act.who if door.guarded else set()
    return [role for role, (_person, side) in PEOPLE.items() if side in who or (side == "staff" and who - sides)]


def opened(path: str, role: str) -> Iterator[tuple[str, list[str]]]:
    """Yields the lines in each language, or nothing if the page isn't open to this role."""
    for language in LANGUAGES:
        page = Browser(*PEOPLE[role], language=language).open(path)
        if page.status != 200 or page.tree is None:
            return
        yield language, lines_of(page)


def test_every_page_has_the_words_of_its_file(own_school: School) -> None:
    """The pages of the web process, as each person who may open them. The access log is emptied, so that no page depends on those opened before it."""
    found: dict[str, dict[str, list[str]]] = {}
    with own_school.connect("owner", autocommit=True) as owner:
        for door in GUARDED:
            for role in roles_of(door):
                owner.execute(FORGET)
                for language, lines in opened(door.path(**samples(own_school, door)), role):
                    found.setdefault(f"{room_of(door)}.{language}.txt", {})[role] = lines
    assert len(found) > 150
    assert differences({name: written(parts) for name, parts in found.items()}, FOLDER / "pages") == []


def test_the_bar_and_the_foot_have_the_words_of_their_file(own_school: School) -> None:
    found: dict[str, dict[str, list[str]]] = {}
    for language in LANGUAGES:
        for role, (person, side) in PEOPLE.items():
            page = Browser(person, side, language).open(NOWHERE)
            found.setdefault(f"around.{language}.txt", {})[role] = lines_in(page.find("body")[0])
    assert differences({name: written(parts) for name, parts in found.items()}, FOLDER / "around") == []


def test_every_page_of_the_door_has_the_words_of_its_file(own_school: School) -> None:
    found: dict[str, dict[str, list[str]]] = {}
    with open_door(own_school):
        for who, (role, paths) in PAGES.items():
            for path in paths:
                for language in LANGUAGES:
                    browser = Browser(*(PEOPLE[role] if role else ("", "")), language=language)
                    for name, value in step_of(who).items():
                        browser.client.cookies[name] = value
                    page = browser.open(path)
                    assert page.status == 200, f"{who}: {path}"
                    found.setdefault(f"{name_of(path)}.{language}.txt", {})[who] = lines_of(page)
    assert differences({name: written(parts) for name, parts in found.items()}, FOLDER / "door") == []


def name_of(path: str) -> str:
    """Returns the path without an id or a query, as a file's name."""
    return "-".join(part for part in path.partition("?")[0].split("/") if part and len(part) < 36)


@pytest.mark.parametrize("language", LANGUAGES)
def test_replies_after_a_form_match_the_words_in_their_file(language: str) -> None:
    with translation.override(language):
        replies = {name: [*of_form(said)] for name, said in REPLIES.items()}
        notices = [f"{what}: {words}" for what, words in WORDS.items()]
        notes = [f"{kind}: {words}" for kind, words in restoring.said().items()]
    assert all(replies.values())
    found = {"replies": replies, "account": {"updates": notices}, "restored": {"notes": notes}}
    assert differences({f"{name}.txt": written(parts) for name, parts in found.items()}, FOLDER / "said" / language) == []


def of_form(said: Callable[[Answer | str], Reply | None]) -> Iterator[str]:
    for then in (*Answer, *OTHERS):
        if (reply := said(then)) and reply.words:
            yield f"{reply.answer}{'' if reply.is_done else ', not done'}: {reply.words}"


def test_the_words_of_a_page_stay_the_same_tomorrow() -> None:
    drawn = parsed(
        "<!doctype html><title>x</title><main><h1>Hi</h1><p>Since Mon,\xa0Nov\xa03, 6:12\xa0p.m. Call us.</p><p hidden>el 30 de nov. 2 veces</p>"
        "<ul><li aria-label='Entry'><b>Nina</b> 9<span class=small>of 10</span><svg><text>A</text></svg></li></ul></main>"
    )
    (main,) = drawn.iter(f"{H}main")
    assert lines_in(main) == ["Hi", "Since DAY, TIME Call us.", "el DAY 2 veces", "[Entry]", "Nina 9", "of 10"]
    assert written({"family": ["Hi"], "staff": ["Ho"], "student": ["Hi"]}) == "# family, student\nHi\n\n# staff\nHo\n"


def test_a_sentence_that_is_not_in_the_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Hi\n")
    assert IS_ACCEPTED or differences({"page.txt": "Ho\n"}, tmp_path) == ["page.txt: - Hi", "page.txt: + Ho"]
    assert IS_ACCEPTED or differences({}, tmp_path) == ["page.txt: - Hi"], "a page that is gone"
