"""What each rule answers by itself, and what acts answer to odd arguments and after another act, is what the files keep."""

import pytest

from tests.house.matrix_school import MatrixSchool, prepare
from tests.house.rules import Rules
from tests.house.rules import differences as rules_that_differ
from tests.house.test_matrix import without
from tests.house.variants import Variants
from tests.house.variants import differences as variants_that_differ
from tests.school import School


@pytest.fixture(scope="module")
def ready(school: School) -> MatrixSchool:
    return prepare(school)


def test_each_rule_answers_by_itself_what_the_files_keep(school: School, ready: MatrixSchool) -> None:
    with school.connect("owner") as owner:
        assert rules_that_differ(owner, ready, Rules(owner).every) == []


def test_odd_arguments_and_acts_after_acts_answer_what_the_files_keep(school: School, ready: MatrixSchool) -> None:
    with school.connect("owner") as owner, school.connect("app") as app:
        every = Variants(ready, owner).every
        app.execute("SET LOCAL statement_timeout = 0")
        assert variants_that_differ(app, ready, every) == []


def test_a_rule_without_one_of_its_conditions_differs(school: School, ready: MatrixSchool) -> None:
    with school.connect("postgres") as anybody:
        wanted = [rule for rule in Rules(anybody).every if rule.name == "is_tutor"]
        assert rules_that_differ(anybody, ready, wanted, False) == []
        without(anybody, "is_tutor", "a.state = 'approved'", "true")
        assert rules_that_differ(anybody, ready, wanted, False) != []
        anybody.rollback()


def test_an_act_without_one_of_its_refusals_differs(school: School, ready: MatrixSchool) -> None:
    with school.connect("postgres") as anybody:
        wanted = [each for each in Variants(ready, anybody).every if "mask_student" in each.functions]
        without(anybody, "odd_masking", "NOT is_name(given)", "false")
        anybody.execute("SET LOCAL ROLE app")
        assert variants_that_differ(anybody, ready, wanted, False) != []
        anybody.rollback()
