"""What a room declares wrongly is refused with one sentence, and the database stays as it was."""

import pytest

from homeroom.portal.access import policy
from homeroom.portal.access.catalogue import differences
from homeroom.portal.access.policy import NotDeclared, Risk, act, acts
from homeroom.portal.access.protect import protect
from tests.school import School


@pytest.mark.parametrize(
    ("words", "opens", "says"),
    [
        (("child", "Again", Risk.NONE, "family"), {}, "“child” needs a name of its own"),
        (("Nurse’s list", "Once", Risk.NONE, "staff"), {}, "“Nurse’s list” needs a name of its own in small letters"),
        (("nurse list", "Once", Risk.NONE, "nurses"), {}, "“nurse list” names nurses, which nothing here is called"),
        (("nurse list", "Once", Risk.RECORD, "staff"), {"kinds": "illness", "seen_by": "seen_by_nurse"}, "names illness, which nothing here is called"),
        (("nurse list", "Once", Risk.RECORD, "staff"), {}, "“nurse list” needs kinds and seen_by together"),
        (("nurse list", "Once", Risk.RECORD, "staff"), {"kinds": "attendance"}, "needs kinds and seen_by together"),
        (("nurse list", "Once", Risk.RECORD, "staff"), {"kinds": "attendance", "seen_by": "x", "about": "y"}, "about and asks together"),
    ],
)  # fmt: skip
def test_an_act_that_cannot_stand_is_refused(words: tuple[str, str, Risk, str], opens: dict[str, str], says: str) -> None:
    list(acts())
    with pytest.raises(NotDeclared, match=says):
        act(*words, **opens)
    assert "nurse list" not in policy.ACTS


def test_an_act_whose_function_is_in_no_file_leaves_the_old_rules(own_school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = policy.Act("nurse list", "Once", Risk.RECORD, frozenset({"staff"}), policy.Opening(("attendance",), "seen_by_nurse"))
    monkeypatch.setattr("homeroom.portal.access.declared.acts", lambda: iter([*acts(), made_up]))
    with own_school.connect("owner") as owner:
        with pytest.raises(NotDeclared, match=r"“nurse list” needs the function seen_by_nurse\(uuid,text\[\]\), which no file of a lower floor makes"):
            protect(owner)
        monkeypatch.undo()
        assert differences(owner) == []
