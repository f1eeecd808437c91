"""Who is nobody costs nothing: no function works out more for a request without a session, or without a view, than that there is none."""

import pytest

from tests.school import School, proof_of

CALLED = "SELECT funcname, calls FROM pg_stat_xact_user_functions WHERE funcname <> %s ORDER BY funcname"
TOUCHED = "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan + idx_scan > 0 AND relname <> ALL ('{session,district}')"
ONLY_ASKING = ["my_application()", "my_challenges()", "my_checks()", "my_children_at_18()", "my_children_shut()", "my_inspections()", "my_majority()",
               "my_registrations()", "my_students()", "my_substitute_classes()", "my_tutor_requests()", "messages_of_my_check(gen_random_uuid())"]  # fmt: skip
NONE_OF_THEM_MASKED = ("masked_from_me((SELECT array_agg(id) FROM person WHERE sourced_id <> 'leo'))", "names_i_read")
NO_VIEW = ("marks_shown(ARRAY[1], '-infinity', 'infinity')", "marks_of_view")


@pytest.mark.parametrize("call", ONLY_ASKING)
def test_a_function_asks_who_asks_once_and_for_nobody_nothing_more(school: School, call: str) -> None:
    with school.connect("postgres") as superuser:
        superuser.execute("SET track_functions = 'all'")
        superuser.execute(f"SELECT * FROM {call}".encode())
        assert superuser.execute(CALLED, [call.partition("(")[0]]).fetchall() == [("asking", 1)]


@pytest.mark.parametrize("call", ["my_offices()", "my_duties()"])
def test_for_nobody_no_office_is_looked_for_whatever_plan_a_connection_kept(school: School, call: str) -> None:
    with school.connect("postgres") as superuser:
        superuser.execute("SET plan_cache_mode = 'force_generic_plan'")
        superuser.execute(f"SELECT * FROM {call}".encode())
        assert superuser.execute(TOUCHED).fetchall() == []


@pytest.mark.parametrize(("call", "more"), [NONE_OF_THEM_MASKED, NO_VIEW])
def test_where_nobody_is_masked_or_nothing_was_viewed_nothing_else_is_asked(school: School, call: str, more: str) -> None:
    with school.connect("postgres") as superuser:
        superuser.execute("SET track_functions = 'all'")
        superuser.execute("SELECT claim(%s, NULL)", [proof_of("ana", "family")])
        superuser.execute(f"SELECT {call}".encode())
        called = dict(superuser.execute(CALLED, [""]).fetchall())
    assert call.partition("(")[0] in called and more not in called
