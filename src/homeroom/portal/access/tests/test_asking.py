"""The middleware between a browser and row security: claims, views before pages, and failures of either."""

import pytest
from django.db import DataError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse

from homeroom.portal.access.acts import SEE_ACCOUNT
from homeroom.portal.access.asking import Asking, rows, rows_of_each
from homeroom.portal.access.guard import View, guard, unguarded
from homeroom.portal.access.policy import Act, Risk, acts
from homeroom.portal.home.acts import READ_CHILD
from homeroom.portal.intake.acts import SEE_IMPORTS
from tests.browser import Browser
from tests.cast import token
from tests.school import School, calls_of, names_read, proof_of


def seen_at(school: School) -> list[tuple[object]]:
    with school.connect("owner") as owner:
        return owner.execute(
            "SELECT last_seen_at FROM session WHERE key = sha256(%s)", [proof_of("ana", "family")]
        ).fetchall()


def request_of(person: str, side: str) -> HttpRequest:
    from django.conf import settings

    request = HttpRequest()
    request.method, request.path = "GET", "/"
    request.META |= {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"}
    request.COOKIES[settings.SESSION_COOKIE] = token(person, side)
    return request


def answered(view: View, request: HttpRequest) -> HttpResponse:
    middleware = Asking(lambda request: middleware.process_view(request, view, (), {}) or view(request))
    return middleware(request)


def view_home() -> None:
    """Makes a write as a page would."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT look(%s, 'home', NULL)", [proof_of("ana", "family")])


def views_of_ana(school: School) -> object:
    with school.connect("owner") as owner:
        return owner.execute("SELECT count(*) FROM ledger WHERE person_id = %s", [school.ids["ana"]]).fetchone()


def test_a_page_over_the_cap_says_so_and_shows_no_one(own_school: School) -> None:
    own_school.change("""UPDATE district SET caps = '{"family": 1}'""")
    browser, path = Browser("ana"), f"/children/{own_school.uuid('nina')}"
    assert browser.open(path).status == 200
    page = browser.open(path)
    assert page.status == 429
    assert "Nina" not in page.words


def test_a_file_that_was_refused_before_the_last_visit_hides_nothing_that_was_imported_since(own_school: School) -> None:
    """Files are read in line, so one that arrived later may be finished earlier."""
    own_school.change("UPDATE session SET previous_visit_at = now() - interval '1 day'")
    own_school.change("""INSERT INTO delivery (digest, sender, signer_id, received_at, signed_at, ended_at, state, counts)
        SELECT 'refused', sender, signer_id, received_at, signed_at, now() - interval '2 days', 'refused', counts FROM delivery""")
    seen = "SELECT begin_request(%s)->'seen_delivery'"
    with own_school.connect("app") as app:
        assert app.execute(seen, [proof_of("ana", "family")]).fetchone() == (0,)
    own_school.change("UPDATE delivery SET ended_at = now() - interval '2 days' WHERE state = 'imported'")
    with own_school.connect("app") as app:
        assert app.execute(seen, [proof_of("ana", "family")]).fetchone() == (own_school.ids["file"],)


@pytest.mark.parametrize("planted", ["", "abc", "a" * 63, "a" * 64, "A" * 64, "z" * 64])
def test_a_planted_value_that_is_not_a_proof_belongs_to_no_one_and_raises_nothing(school: School, planted: str) -> None:
    with school.connect("app") as app:
        app.execute("SELECT set_config('homeroom.proof', %s, true)", [planted])
        assert app.execute("SELECT count(*), asking_support() FROM my_registrations()").fetchone() == (0, None)


def test_a_value_planted_in_a_pooled_connection_answers_no_later_request(own_school: School) -> None:
    """Anonymous requests claim '', and everyone else claims their own proof."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('homeroom.proof', %s, false)", [proof_of("ana", "family").hex()])
    assert Browser().open("/").status == 302
    assert "Nina" not in Browser("dee").open("/").words


def test_a_claim_ends_with_its_transaction(own_school: School) -> None:
    with own_school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("ana", "family")])
        assert names_read(app) == {"Nina Ruiz", "Leo Ruiz"}
        app.commit()
        assert names_read(app) == set()
        app.rollback()
        app.execute("SELECT look(%s, 'home', NULL)", [proof_of("ana", "family")])
        app.commit()
        assert names_read(app) == set()


@pytest.mark.parametrize(("status", "is_kept"), [(200, True), (404, True), (500, False)])
def test_the_changes_of_a_failed_page_are_taken_back(own_school: School, status: int, is_kept: bool) -> None:
    before = views_of_ana(own_school)

    @guard(SEE_ACCOUNT)
    def view(request: HttpRequest) -> HttpResponse:
        view_home()
        return HttpResponse(status=status)

    answered(view, request_of("ana", "family"))
    assert (views_of_ana(own_school) != before) is is_kept


def test_a_page_that_raises_is_taken_back_too(own_school: School) -> None:
    before = views_of_ana(own_school)

    @guard(SEE_ACCOUNT)
    def view(request: HttpRequest) -> HttpResponse:
        view_home()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        answered(view, request_of("ana", "family"))
    assert views_of_ana(own_school) == before


def test_the_first_request_of_a_minute_locks_its_session_for_no_one_else(own_school: School) -> None:
    """A notice from an office to Ana changes her session's row. It would wait for this request, which may wait for the office."""
    own_school.change("UPDATE session SET last_seen_at = last_seen_at - interval '5 minutes'")
    before = seen_at(own_school)

    @guard(SEE_ACCOUNT)
    def view(request: HttpRequest) -> HttpResponse:
        with own_school.connect("owner") as office:
            office.execute("SET lock_timeout = '300ms'")
            office.execute("SELECT tell_account(%s, 'family', 'school wrote')", [own_school.ids["ana"]])
        return HttpResponse(request.actor.first_name)  # type: ignore[attr-defined]

    assert answered(view, request_of("ana", "family")).content == b"Ana"
    assert seen_at(own_school) > before


def test_a_closed_record_is_not_found_whatever_the_view_would_show(own_school: School) -> None:
    """Dee asks for Nina. The view function, which might have shown an empty page, is not even called."""

    @guard(READ_CHILD, look="student")
    def view(request: HttpRequest, student: str) -> HttpResponse:
        return HttpResponse("an empty page, where nobody else's child has one")

    words = {"student": own_school.uuid("nina")}
    middleware = Asking(lambda request: middleware.process_view(request, view, (), words) or view(request, **words))
    assert middleware(request_of("ana", "family")).status_code == 200
    with pytest.raises(Http404):
        middleware(request_of("dee", "family"))


def test_a_page_for_families_leaves_no_line_about_a_principal_who_types_its_address(own_school: School) -> None:
    """Pat's duty opens Nina's record. On a page that is only for families, Pat saw nothing."""
    looks = "SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.person_id = %s"
    families = Act("child", READ_CHILD.words, READ_CHILD.risk, frozenset({"family", "student"}), READ_CHILD.opens)

    @guard(families, look="student")
    def view(request: HttpRequest, student: str) -> HttpResponse:
        return HttpResponse("a family's page")

    words = {"student": own_school.uuid("nina")}
    middleware = Asking(lambda request: middleware.process_view(request, view, (), words) or view(request, **words))
    with own_school.connect("owner") as owner:
        before = owner.execute(looks, [own_school.ids["pat"]]).fetchone()
        with pytest.raises(Http404):
            middleware(request_of("pat", "staff"))
        assert owner.execute(looks, [own_school.ids["pat"]]).fetchone() == before
        with own_school.connect("app") as app:  # the control: the duty does open it
            assert app.execute("SELECT look(%s, 'child', %s)", [proof_of("pat", "staff"), own_school.uuid("nina")]).fetchone() > (0,)


def test_a_request_keeps_its_own_session_awake_alone(own_school: School) -> None:
    own_school.change("UPDATE session SET last_seen_at = now() - interval '5 minutes'")
    Browser("ana").open("/news")
    with own_school.connect("owner") as owner:
        seen = owner.execute("SELECT key = sha256(%s) FROM session WHERE last_seen_at > now() - interval '1 minute'", [proof_of("ana", "family")]).fetchall()
    assert seen == [(True,)]


@pytest.mark.parametrize(
    ("person", "side", "kinds"),
    [("tia", "family", "grades"), ("dee", "family", "grades attendance ledger"), ("pat", "staff", "grades attendance")],
)
def test_a_view_opens_the_kinds_that_the_access_log_names_and_no_other(own_school: School, person: str, side: str, kinds: str) -> None:
    """The tutor's tie is for grades."""
    child = "max" if person == "dee" else "nina"
    with own_school.connect("owner") as owner:
        (entry,) = owner.execute("SELECT look(%s, 'child', %s)", [proof_of(person, side), own_school.uuid(child)]).fetchone() or (0,)
        opened, said = owner.execute(
            """SELECT ARRAY(SELECT key FROM jsonb_each(to_jsonb(o)) WHERE key IN ('grades', 'attendance', 'contacts', 'birth_date', 'ledger', 'changes')
                AND value <> '[]'), (SELECT replace(array_to_string(l.kinds, ' '), 'birth date', 'birth_date')
                    FROM ledger_student l WHERE l.entry_id = o.entry_id)
                FROM opening o WHERE o.entry_id = %s""", [entry]).fetchone() or ([], "")  # fmt: skip
    assert sorted(opened) == sorted(said.split()) == sorted(kinds.split())


@pytest.mark.parametrize(("act", "child"), [("home", None), ("child", "nina")])
def test_a_view_finds_a_familys_access_once_and_opens_the_names_of_all_its_children(own_school: School, act: str, child: str | None) -> None:
    with own_school.connect("postgres") as admin:
        admin.execute("SET track_functions = 'all'")
        admin.execute("SELECT look(%s, %s, %s)", [proof_of("ana", "family"), act, own_school.uuid(child) if child else None])
        assert admin.execute("SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'open_ties'").fetchall() == [(1,)]
        (people, grades), *_ = admin.execute("SELECT people, grades FROM opening ORDER BY entry_id DESC LIMIT 1").fetchall()
    both = {own_school.ids["nina"], own_school.ids["leo"]}
    assert set(people) == both and set(grades) == (both if child is None else {own_school.ids["nina"]})


def test_a_view_that_forgot_its_guard_reads_nothing(own_school: School) -> None:
    """Nothing was claimed, so the database doesn't know who is asking."""

    @unguarded("forgotten, or so a hurried colleague might have written it")
    def view(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM students_shown(ARRAY[%s::uuid], '-infinity')", [own_school.uuid("nina")])
            return HttpResponse(str(cursor.fetchone()[0]))

    middleware = Asking(lambda request: middleware.process_view(request, view, (), {}) or view(request))
    assert middleware(request_of("ana", "family")).content == b"0"


def test_queries_sent_together_answer_in_their_order_and_one_that_fails_fails_all(own_school: School) -> None:
    one, half = ("SELECT %(n)s::int", {"n": 1}), ("SELECT 1 / %(n)s::int", {"n": 0})
    with transaction.atomic():
        assert rows_of_each(("SELECT 'first', %(n)s::int", {"n": 1}), ("SELECT %(n)s::int", {"n": 2})) == [[("first", 1)], [(2,)]]
    with pytest.raises(DataError), transaction.atomic():
        rows_of_each(one, half)
    assert rows(*one) == [(1,)]  # the connection still works


@pytest.mark.parametrize("act", [act for act in acts() if act.risk is Risk.RECORD])
def test_an_act_that_opens_records_cannot_be_guarded_without_a_view(act: Act) -> None:
    with pytest.raises(ValueError, match="do not go together"):
        guard(act)


def test_an_act_that_opens_no_records_cannot_be_guarded_with_a_view() -> None:
    with pytest.raises(ValueError, match="do not go together"):
        guard(SEE_IMPORTS, look="delivery")


def test_no_page_about_a_person_stays_in_a_cache(own_school: School) -> None:
    for path in ("/", f"/children/{own_school.uuid('nina')}", "/no/such/page"):
        headers = Browser("ana").open(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; object-src 'none'; ")
        assert "base-uri 'none'" in headers["Content-Security-Policy"] and "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Content-Type"] == "text/html; charset=utf-8" and "Access-Control-Allow-Origin" not in headers


def test_no_student_is_looked_for_without_a_session(school: School) -> None:
    look = "SELECT look(%s, 'home', NULL)"
    assert [calls_of(school, "seen_by", look, proof) for proof in (proof_of("ana", "family"), proof_of("nobody", "family"))] == [1, 0]


def test_a_refusal_is_logged_with_the_persons_id_and_without_a_name(school: School, caplog: pytest.LogCaptureFixture) -> None:
    child, office = f"/children/{school.uuid('leo')}", "/imports"
    assert [Browser("dee").open(child).status, Browser("bo", "staff").open(office).status, Browser("bo", "staff").post(office, {}).status] == [404, 404, 404]
    refused = [line for line in caplog.messages if line.startswith("refused")]
    assert refused == [
        f"refused: {act}, to {side} {school.uuid(person)}, from an unknown address"
        for act, side, person in ((READ_CHILD, "family", "dee"), (SEE_IMPORTS, "staff", "bo"), (SEE_IMPORTS, "staff", "bo"))
    ]
    caplog.clear()
    assert [Browser("ana").open("/").status, Browser().open(child).status, Browser("ana").open("/no/such/page").status] == [200, 302, 404]
    assert not [line for line in caplog.messages if line.startswith("refused")]
