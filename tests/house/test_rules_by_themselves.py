"""Each rule by itself, acts with odd arguments and after another act, and other logins' calls answer what the files keep."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest

from tests.house import calls, world
from tests.house.matrix_school import MatrixSchool, prepare
from tests.house.rules import IDLE, Rules, idle
from tests.house.rules import differences as rules_that_differ
from tests.house.shown import IS_ACCEPTED
from tests.house.test_matrix import without
from tests.house.variants import FOLDER, Variants
from tests.house.variants import differences as calls_that_differ
from tests.proving import some
from tests.school import School


@pytest.fixture(scope="module")
def ready(school: School) -> MatrixSchool:
    return world.prepare_world(school)


@pytest.fixture
def superuser(school: School) -> Iterator[psycopg.Connection[Any]]:
    with school.connect("postgres") as connection:
        connection.execute("SET statement_timeout = 0")
        yield connection
        connection.rollback()


def few_of[T](every: Sequence[T], name_of: Callable[[T], str]) -> Sequence[T]:
    """Returns one in ten, with all of the same name. A proof takes all, and so does a run that writes the files."""
    names = list(dict.fromkeys(name_of(each) for each in every))
    few = set(names if IS_ACCEPTED else some(names, len(names) // 10))
    return [each for each in every if name_of(each) in few]


def test_each_rule_answers_by_itself_what_the_files_keep(ready: MatrixSchool, superuser: psycopg.Connection[Any]) -> None:
    every = Rules(superuser, Variants(ready, superuser).tweaks).every
    few = few_of(every, lambda rule: rule.label)
    assert rules_that_differ(superuser, ready, few, len(few) == len(every)) == []


def test_calls_of_the_other_logins_do_what_the_files_keep(ready: MatrixSchool, superuser: psycopg.Connection[Any]) -> None:
    asked = calls.Calls(ready, superuser, Variants(ready, superuser))
    assert (asked.unfit, asked.idle) == ([], calls.IDLE), "a function of which no call does anything is not asked"
    few = few_of(asked.every, lambda call: call.name)
    assert calls_that_differ(superuser, ready, few, len(few) == len(asked.every), calls.FOLDER) == []


def test_odd_arguments_and_acts_after_acts_answer_what_the_files_keep(new_school: School) -> None:
    ready = prepare(new_school)
    with new_school.connect("postgres") as superuser:
        superuser.execute("SET statement_timeout = 0")
        every = Variants(ready, superuser).every
        few = few_of(every, lambda variant: variant.name)
        assert calls_that_differ(superuser, ready, few, len(few) == len(every)) == []


def test_a_call_that_gets_no_answer_reads_no_more_than_the_files_record(new_school: School) -> None:
    ready = prepare(new_school)
    with new_school.connect("postgres") as superuser:
        superuser.execute("SET statement_timeout = 0")
        reads = list(Variants(ready, superuser).reads())
        few = few_of(reads, lambda read: read.name)
        assert calls_that_differ(superuser, ready, few, len(few) == len(reads), FOLDER.with_name("reads")) == []
        without(superuser, "inspections_shown", "NOT EXISTS (SELECT FROM schools_of_my_office())", "false")
        wanted = [each for each in reads if each.functions == ("inspections_shown",)]
        assert calls_that_differ(superuser, ready, wanted, False, FOLDER.with_name("reads")) != [], "its rows are read before who asks is refused"
        superuser.rollback()


def test_each_rule_says_something_about_someone() -> None:
    """If a rule says nothing anyway, removing one of its conditions changes nothing."""
    assert idle() == sorted(IDLE)


def test_a_rule_without_one_of_its_conditions_differs(ready: MatrixSchool, superuser: psycopg.Connection[Any]) -> None:
    every = Rules(superuser, Variants(ready, superuser).tweaks).every
    some = [rule for rule in every if rule.name in ("accounts_of_setting", "classes_ungraded", "contacts_vouching")]
    assert rules_that_differ(superuser, ready, some[::-1], False) == [], "whatever else is asked, and in whatever order"
    wanted = [rule for rule in every if rule.name == "is_tutor"]
    assert rules_that_differ(superuser, ready, wanted, False) == []
    without(superuser, "is_tutor", "a.state = 'approved'", "true")
    assert rules_that_differ(superuser, ready, wanted, False) != []


def test_an_act_without_one_of_its_refusals_differs(new_school: School) -> None:
    ready = prepare(new_school)
    with new_school.connect("postgres") as superuser:
        wanted = [each for each in Variants(ready, superuser).every if each.functions == ("mask_student",)]
        assert calls_that_differ(superuser, ready, wanted, False) == []
        without(superuser, "odd_masking", "NOT is_name(given)", "false")
        assert calls_that_differ(superuser, ready, wanted, False) != []
        superuser.rollback()
