"""The words of a view of a file's changes: JSON that names the file."""

import pytest

from tests.school import School, proof_of


@pytest.mark.parametrize("words", ["{}", '{"delivery": "first"}', '{"delivery": 1.5}', "nina"])
def test_words_that_name_no_file_list_nobody(school: School, words: str) -> None:
    with school.connect("app") as app:
        assert app.execute("SELECT look(%s, 'change list', NULL, NULL, %s)", [proof_of("carl", "staff"), words]).fetchone() == (0,)
