"""Views of a file's changes: a list of students, or one line of it."""

import pytest

from tests.cast import identity
from tests.school import School, proof_of


@pytest.mark.parametrize("words", ["{}", '{"delivery": "first"}', '{"delivery": 1.5}', "nina"], ids=["nothing", "a word", "a fraction", "no JSON"])
def test_words_that_name_no_file_list_no_one(school: School, words: str) -> None:
    with school.connect("app") as app:
        assert app.execute("SELECT look(%s, 'change list', NULL, NULL, %s)", [proof_of("carl", "staff"), words]).fetchone() == (0,)


def test_carl_who_is_restricted_from_nina_cannot_view_what_a_file_changes_about_her(own_school: School) -> None:
    look = "SELECT look(%s, 'changes', %s) > 0"
    bar = "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())"
    with own_school.connect("app", autocommit=True) as app:
        viewed = [proof_of("carl", "staff"), identity("changes/nina")]
        assert app.execute(look, viewed).fetchone() == (True,)
        own_school.change(bar, own_school.ids["carl"], own_school.ids["nina"])
        assert app.execute(look, viewed).fetchone() == (False,)
