"""The database does what a room declares. A wrong declaration is refused with one sentence."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from homeroom.portal.access import policy
from homeroom.portal.access.catalogue import differences
from homeroom.portal.access.declared import WRITTEN
from homeroom.portal.access.policy import NotDeclared, Risk, act, acts, duty
from homeroom.portal.access.protect import protect
from tests.browser import Browser
from tests.school import School, proof_of, scores_read

MARKS = "SELECT count(*) FROM marks_shown(ARRAY[%s], '-infinity', 'infinity')"


@pytest.fixture(autouse=True)
def _forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgets what a test declared after it."""
    acts()
    for name in ("ACTS", "DUTIES"):
        monkeypatch.setattr(policy, name, dict(getattr(policy, name)))


def test_a_school_nurse_may_read_attendance_by_one_declaration(own_school: School) -> None:
    """Bo teaches Nina algebra. With the duty he opens her record for attendance and no score, and Ana can read why."""
    own_school.change("INSERT INTO duty (person_id, school_id, duty, start_date) VALUES (%s, %s, 'school nurse', today())",
                      own_school.ids["bo"], own_school.ids["middle"])  # fmt: skip
    with own_school.asked_by("bo", "staff", ("child", "nina")) as app:
        assert app.execute(MARKS, [own_school.ids["nina"]]).fetchone() == (0,)
    duty("school nurse", "school nurse", "school nurses", opens="attendance")
    with own_school.connect("owner") as owner:
        protect(owner)
    with own_school.asked_by("bo", "staff", ("child", "nina")) as app:
        assert app.execute(MARKS, [own_school.ids["nina"]]).fetchone() > (0,)
        assert scores_read(app, "nina") == 0
    with own_school.connect("owner") as owner:
        log = owner.execute("SELECT l.capacity, s.kinds FROM ledger l JOIN ledger_student s ON s.entry_id = l.id ORDER BY l.id DESC LIMIT 1").fetchone()
    assert log == ("duty: school nurse", ["attendance"])
    page = Browser("ana").open(f"/children/{own_school.uuid('nina')}/who-can-see").words
    assert "Bo Larsen" in page and "chool nurse" in page
    assert "school nurse" in Browser("carl", "staff").open("/office/duties/new/" + own_school.uuid("bo")).text.casefold()


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (lambda: act("child", "Again", Risk.NONE, "family"), "“child” needs a name of its own"),
        (lambda: act("Nurse’s list", "Once", Risk.NONE, "staff"), "“Nurse’s list” needs a name of its own in small letters"),
        (lambda: act("list", "Once", Risk.RECORD, "staff", kinds="illness", seen_by="x"), "“list” opens illness, and a record has no such kind"),
        (lambda: act("list", "Once", Risk.RECORD, "staff"), "“list” needs kinds and seen_by together"),
        (lambda: act("list", "Once", Risk.RECORD, "staff", kinds="attendance"), "needs kinds and seen_by together"),
        (lambda: act("list", "Once", Risk.RECORD, "staff", kinds="grades", seen_by="x", about="y"), "about and asks together"),
        (lambda: act("list", "Once", Risk.NONE, "staff", reaches="x"), "reaches only with seen_by"),
        (lambda: duty("principal", "again", "again"), "“principal” needs a name of its own"),
        (lambda: duty("administrator", "again", "again"), "“administrator” needs a name of its own"),
        (lambda: duty("school nurse", "nurse", "nurses", opens="illness"), "“school nurse” opens illness"),
    ],
)  # fmt: skip
def test_an_invalid_declaration_is_refused(declare: Callable[[], object], says: str) -> None:
    before = dict(policy.ACTS), dict(policy.DUTIES)
    with pytest.raises(NotDeclared, match=says):
        declare()
    assert before == (policy.ACTS, policy.DUTIES)


def test_an_act_for_undeclared_people_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    room = SimpleNamespace(LIST=act("list", "Once", Risk.NONE, "staff, school nurse"))
    monkeypatch.setattr(policy, "rooms", lambda: [room])
    with pytest.raises(NotDeclared, match="“list” may be done by school nurse, which is no side, office or duty"):
        acts()


def test_an_act_whose_function_is_in_no_file_leaves_the_old_rules(own_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = act("list", "Once", Risk.RECORD, "staff", kinds="attendance", seen_by="seen_by_nurse")
    monkeypatch.setattr("homeroom.portal.access.declared.acts", lambda: [*acts(), made_up])
    with own_school.connect("owner") as owner:
        with pytest.raises(NotDeclared, match=r"“list” needs the function seen_by_nurse\(uuid,text\[\]\), which no file of a lower floor makes"):
            protect(owner)
        monkeypatch.undo()
        assert differences(owner) == []


PREVIEW = "SELECT preview_setting('teachers_see_school', 'true')->'rows'"


def test_the_preview_of_a_setting_counts_what_acts_declare(own_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    with own_school.asked_by("carl", "staff") as app:
        assert [row["kind"] for row in app.execute(PREVIEW).fetchone()[0]] == ["grades"]
    monkeypatch.setitem(WRITTEN, "what each act reaches", lambda: iter(()))
    with own_school.connect("owner") as owner:
        protect(owner)
    with own_school.asked_by("carl", "staff") as app:
        assert app.execute(PREVIEW).fetchone() == ([],)


def test_the_rules_are_the_same_whichever_room_is_imported_first(own_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DUTIES", "TWO_PERSON_ACTS"):
        monkeypatch.setattr(policy, name, dict(reversed(getattr(policy, name).items())))
    with own_school.connect("owner") as owner:
        assert differences(owner) == []


def test_a_row_with_an_undeclared_duty_gives_no_one_a_role(own_school: School) -> None:
    own_school.change("INSERT INTO duty (person_id, school_id, duty, start_date) VALUES (%s, %s, 'administrator', today())",
                      own_school.ids["bo"], own_school.ids["middle"])  # fmt: skip
    with own_school.asked_by("bo", "staff") as app:
        assert app.execute("SELECT begin_request(%s)", [proof_of("bo", "staff")]).fetchone()[0]["duties"] == []
    assert Browser("bo", "staff").open("/imports").status == 404
