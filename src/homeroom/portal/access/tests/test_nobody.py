"""A request without a session or a view costs nothing: every function stops as soon as it knows that."""

import pytest

from tests.school import School, proof_of

CALLED = "SELECT funcname, calls FROM pg_stat_xact_user_functions WHERE funcname <> %s ORDER BY funcname"
ONLY_ASKING = ["my_application()", "my_challenges()", "my_checks()", "my_children_at_18()", "my_children_shut()", "my_inspections()", "my_majority()",
               "my_registrations()", "my_students()", "my_substitute_classes()", "my_tutor_requests()", "messages_of_my_check(gen_random_uuid())"]  # fmt: skip


@pytest.mark.parametrize("call", ONLY_ASKING)
def test_a_function_checks_who_is_asking_once_and_stops_without_a_session(school: School, call: str) -> None:
    with school.connect("postgres") as superuser:
        superuser.execute("SET track_functions = 'all'")
        superuser.execute(f"SELECT * FROM {call}".encode())
        assert superuser.execute(CALLED, [call.partition("(")[0]]).fetchall() == [("asking", 1)]


def test_no_mark_is_searched_for_without_a_view(school: School) -> None:
    with school.connect("postgres") as superuser:
        superuser.execute("SET track_functions = 'all'")
        superuser.execute("SELECT claim(%s, NULL)", [proof_of("ana", "family")])
        superuser.execute("SELECT FROM marks_shown(ARRAY[1], '-infinity', 'infinity')")
        called = dict(superuser.execute(CALLED, [""]).fetchall())
    assert "marks_shown" in called and "marks_of_view" not in called
