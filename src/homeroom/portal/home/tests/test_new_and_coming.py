"""What is new since the last visit, what is due soon, and the order of a child's classes."""

from tests.browser import Browser, Page
from tests.cast import Writer, identity
from tests.school import School

QUIZZES = "UPDATE line_item SET assign_date = today() - 1, due_date = today() + %s WHERE NOT is_grade"
UNSCORED = "DELETE FROM result WHERE line_item_id IN (SELECT id FROM line_item WHERE NOT is_grade)"


def card(page: Page, name: str) -> str:
    """Returns the words of the card with this heading's id, or nothing."""
    found = [section for section in page.find("section") if section.get("aria-labelledby") == name]
    return " ".join(" ".join("".join(section.itertext()).split()) for section in found)


def soon(page: Page) -> dict[str, list[str]]:
    """Returns the rows of each child's list of the next seven days, on the page of a family with several children."""
    found = {}
    for section in page.find("section"):
        lists = [each for each in section.iter() if each.get("data-list") == "soon"]
        if lists:
            (name,) = ["".join(each.itertext()) for each in section.iter() if each.tag.endswith("h2")]
            found[name] = [" ".join("".join(row.itertext()).split()) for row in lists[0].iter() if row.get("class") == "row"]
    return found


def lists_of_work(page: Page, title: str) -> list[list[str]]:
    """Returns the anchors of each list of work of the class with this title."""
    (found,) = [each for each in page.find("details") if each.get("class") == "class" and title in "".join(each.itertext())]
    lists = [each for each in found.iter() if "work" in each.get("class", "").split()]
    return [[row.get("id", "") for row in each.iter() if row.get("class") == "row"] for each in lists]


def to_come(school: School, days: int) -> None:
    school.change("DELETE FROM result_score_scale")
    school.change(UNSCORED)
    school.change(QUIZZES, days)


def anchor(school: School, work: str) -> str:
    with school.connect("owner") as owner:
        (number,) = owner.execute("SELECT id FROM line_item WHERE key = %s", [identity(work)]).fetchone() or (0,)
    return f"work-{number}"


def test_dee_with_one_child_reads_what_is_new_since_her_last_visit(own_school: School) -> None:
    new = card(Browser("dee").open("/"), "fresh")
    assert "Algebra 1: Algebra quiz" in new and "English 7: English quiz" in new and "9 of 10" in new
    assert card(Browser("dee").open(f"/children/{own_school.uuid('max')}"), "fresh") == "", "it is on her first page"
    own_school.change("UPDATE session SET previous_visit_at = now()")
    assert card(Browser("dee").open("/"), "fresh") == ""


def test_a_first_visit_shows_dee_the_scores_of_the_week(own_school: School) -> None:
    own_school.change("UPDATE session SET previous_visit_at = NULL")
    assert "Algebra quiz" in card(Browser("dee").open("/"), "fresh")
    own_school.change("UPDATE result SET score_date = today() - 20")
    assert card(Browser("dee").open("/"), "fresh") == ""


def test_work_to_come_has_a_list_of_its_own_before_the_rest(own_school: School) -> None:
    path = f"/children/{own_school.uuid('nina')}"
    quiz = anchor(own_school, "algebra quiz")
    assert lists_of_work(Browser("ana").open(path), "Algebra 1") == [[quiz]]
    own_school.change("INSERT INTO line_item (key, section_id, category_id, term_id, title, assign_date, due_date, score_max, is_grade)"
                      " SELECT %s, section_id, category_id, term_id, 'Next quiz', today() - 1, today() + 9, 20, false FROM line_item WHERE key = %s",
                      identity("next"), identity("algebra quiz"))  # fmt: skip
    page = Browser("ana").open(path)
    assert lists_of_work(page, "Algebra 1") == [[anchor(own_school, "next")], [quiz]]
    assert "20 points" in page.words and "No score yet" not in page.words
    assert card(page, "soon") == "", "due after the next seven days"


def test_the_next_seven_days_list_what_is_due_in_every_class(own_school: School) -> None:
    path = f"/children/{own_school.uuid('nina')}"
    for days, is_soon in ((0, True), (6, True), (7, False), (-1, False)):
        to_come(own_school, days)
        soon = card(Browser("ana").open(path), "soon")
        assert (("Algebra quiz" in soon), ("English quiz" in soon)) == (is_soon, is_soon), days


def test_work_that_is_scored_excused_or_missing_is_not_to_come(own_school: School) -> None:
    path = f"/children/{own_school.uuid('nina')}"
    own_school.change(QUIZZES, 3)
    for score, status, is_missing in ((9, 1, False), (None, 0, False), (None, 2, True), (None, 3, False), (None, 4, False)):
        own_school.change("UPDATE result SET score = %s, status = %s, is_missing = %s WHERE id = %s", score, status, is_missing, identity("algebra quiz/nina"))
        page = Browser("ana").open(path)
        assert "Algebra quiz" not in card(page, "soon") and len(lists_of_work(page, "Algebra 1")) == 1, status


def test_ana_with_two_children_reads_what_each_has_due_in_the_next_seven_days(own_school: School) -> None:
    path = f"/children/{own_school.uuid('nina')}#{anchor(own_school, 'algebra quiz')}"
    assert soon(Browser("ana").open("/")) == {}
    for days, is_soon in ((0, True), (6, True), (7, False), (-1, False)):
        to_come(own_school, days)
        page = Browser("ana").open("/")
        found = soon(page)
        assert set(found) == ({"Nina", "Leo"} if is_soon else set()), days
        if is_soon:
            assert [each.split(",")[0] for each in found["Nina"]] == ["Algebra quiz Algebra 1", "English quiz English 7"]
            assert len(found["Leo"]) == 1 and "Reading quiz" in found["Leo"][0] and "10 points" in found["Leo"][0]
            assert path in [link.get("href") for link in page.find("a")]


def test_anas_home_page_shows_the_same_due_work_as_each_childs_page(own_school: School) -> None:
    own_school.change(QUIZZES, 3)
    for score, status, is_missing in ((9, 1, False), (None, 0, False), (None, 2, True), (None, 3, False), (None, 4, False), (None, 1, False)):
        own_school.change("UPDATE result SET score = %s, status = %s, is_missing = %s WHERE id = %s", score, status, is_missing, identity("algebra quiz/nina"))
        here = "Algebra quiz" in str(soon(Browser("ana").open("/")).get("Nina"))
        assert here == ("Algebra quiz" in card(Browser("ana").open(f"/children/{own_school.uuid('nina')}"), "soon")), status


def test_more_than_four_are_counted_and_linked(own_school: School) -> None:
    to_come(own_school, 2)
    own_school.change("INSERT INTO line_item (key, section_id, category_id, term_id, title, assign_date, due_date, score_max, is_grade)"
                      " SELECT gen_random_uuid(), section_id, category_id, term_id, 'Quiz ' || n, today() - 1, today() + 1, 20, false"
                      " FROM line_item, generate_series(1, 5) n WHERE key = %s", identity("algebra quiz"))  # fmt: skip
    page = Browser("ana").open("/")
    assert len(soon(page)["Nina"]) == 4 and "and 3 more" in page.words
    assert f"/children/{own_school.uuid('nina')}#classes" in [link.get("href") for link in page.find("a")]


def test_work_that_is_not_assigned_yet_or_of_a_class_that_nina_left_is_not_due_at_home(own_school: School) -> None:
    to_come(own_school, 3)
    for change in ("UPDATE line_item SET assign_date = today() + 1", "UPDATE enrollment SET end_date = today() WHERE role = 'student'",
                   "UPDATE enrollment SET ended_at = now() WHERE role = 'student'", "UPDATE line_item SET ended_at = now()"):  # fmt: skip
        own_school.change(change)
        assert soon(Browser("ana").open("/")) == {}, change
        own_school.change("UPDATE line_item SET assign_date = today() - 1, ended_at = NULL")
        own_school.change("UPDATE enrollment SET end_date = NULL, ended_at = NULL WHERE role = 'student'")


def test_a_download_has_the_work_to_come(own_school: School) -> None:
    to_come(own_school, 3)
    assert "Algebra quiz" in Browser("ana").open(f"/children/{own_school.uuid('nina')}/download").text


def test_ninas_classes_are_in_the_order_of_her_day_and_her_homeroom_comes_last(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        w = Writer(owner)
        w.ids |= own_school.ids
        for title, periods in (("Advisory", ["0"]), ("Band", ["10"]), ("Chess", []), ("Zoology", ["1"])):
            kind = "homeroom" if title == "Advisory" else "scheduled"
            section = w.sourced("section", title, title=title, kind=kind, course_id=w.ids["course"], school_id=w.ids["middle"], periods=periods)
            w.row("section_term", section_id=section, term_id=w.ids["fall"])
            w.row("enrollment", key=identity(f"{title}/nina"), section_id=section, person_id=w.ids["nina"], role="student")
    page = Browser("ana").open(f"/children/{own_school.uuid('nina')}")
    titles = ["".join(each.itertext()) for each in page.find("h3")]
    assert [title for title in titles if title in ("Advisory", "Algebra 1", "Band", "Chess", "English 7", "Zoology")] == [
        "Zoology", "Algebra 1", "English 7", "Band", "Chess", "Advisory",
    ]  # fmt: skip
