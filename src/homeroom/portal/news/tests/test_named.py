"""News that names a student of the district is found, however the name is spelled, and goes when the student may not be named or is erased."""

from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.news.tests.test_news import publish, read
from tests.cast import identity
from tests.school import School

ADOPT = "UPDATE district SET directory_name = true"
NEW = "INSERT INTO person (sourced_id, given_name, family_name, is_student) VALUES ('new', %s, %s, true)"
PREFERS = "UPDATE person SET preferred_given_name = 'Nico', preferred_family_name = 'Vale' WHERE id = %s"
MASK = """INSERT INTO masking (student_id, given_name, family_name, basis, start_date, masked_by_id)
    VALUES (%s, 'Robin', 'Quist', 'threat', today() + 9, %s)"""
FOUND = "SELECT students_named_in(%s)"

SPELLINGS = [
    "Ruiz, Nina", "Ruiz Nina", "RUIZ,NINA", "Nina M. Ruiz", "Nina Maria Ruiz", "Nina Maria José Ruiz", "Nina de la Ruiz", "Ruiz, M. Nina",
    "Nina\tRuiz", "Nina\n\nRuiz", "Nina \u00a0 Ruiz", "Nina\u2003Ruiz", "Nina-Ruiz", "nina_ruiz", "#NinaRuiz", "Nina\u200bRuiz",
    "Nina Ruiz's", "Nina Ruiz’s", "Nina Ruiz’", "Nina Ruizʼs", "el premio de Nina Ruiz", "Nı\u0301na Ru\u00edz", "Nina Rui\u0301z",
    "Ni\u200dna Ruiz", "Ni\u00adna Ruiz", "\u202bNina\u202c Ruiz", "N\ufe0fina Ru\u034fiz", "Nina R\U000e0075uiz",
    "Nіna Ruiz", "Ninа Ruiz", "ΝΙΝΑ Ruiz", "Ｎｉｎａ Ｒｕｉｚ", "𝓝𝓲𝓷𝓪 𝕽𝖚𝖎𝖟", "NlNA RUlZ", "N1NA RU1Z", "Nına Ruiz",
    "Ⓝⓘⓝⓐ Ⓡⓤⓘⓩ", "🇳🇮🇳🇦 🇷🇺🇮🇿", "ɴɪɴᴀ ʀᴜɪᴢ", "Nina Ru|z",
]  # fmt: skip


def found_in(school: School, text: str) -> list[str]:
    """Returns the sourcedIds of the students whom the database finds in a text."""
    with school.connect("owner") as owner:
        rows = owner.execute("SELECT sourced_id FROM person WHERE id = ANY (students_named_in(%s)) ORDER BY 1", [text]).fetchall()
    return [name for (name,) in rows]


def stored(school: School, statement: str = "SELECT named FROM news_item ORDER BY id DESC LIMIT 1") -> Any:
    with school.connect("owner") as owner:
        return (owner.execute(statement.encode()).fetchone() or [None])[0]


def test_nina_is_not_named_however_her_name_is_spelled(own_school: School) -> None:
    published = [each for each in SPELLINGS if publish(own_school, "carl", words=f"And so {each}: won.") != "named"]
    assert published == [] and "Book fair" not in read(own_school, "ana")


@pytest.mark.parametrize("said", [{"title": "Nina Ruiz"}, {"title_es": "Nina Ruiz", "words_es": "Sí"}, {"title_es": "Feria", "words_es": "Ganó Nina Ruiz."}])
def test_a_heading_and_the_spanish_are_read_too(own_school: School, said: dict[str, str]) -> None:
    assert publish(own_school, "carl", **said) == "named"


@pytest.mark.parametrize("text", [
    "Nina and Ruiz", "Nina and Ms. Ruiz", "Nina spoke to the Ruiz family", "Nina. By Mr. Ruiz", "Nlna Ruiz", "Nina Kai Max Leo Ruizo", "Nina", "Ruiz",
    "All Ruiz", "Ruiz and her friend Nina",
])  # fmt: skip
def test_words_that_are_no_name_are_published(school: School, text: str) -> None:
    """A conjunction, a title or three words between two names are no middle name. A small l is no i."""
    assert found_in(school, text) == []


def test_news_of_another_school_and_of_the_district_names_no_one_either(own_school: School) -> None:
    appoint(own_school, "rosa", at="elementary")
    elementary = str(identity("elementary"))
    assert publish(own_school, "rosa", school=elementary, words="Nina Ruiz won.") == "named"
    assert publish(own_school, "carl", school="", words="Nina Ruiz won.") == "named"


def test_a_former_student_is_not_named(own_school: School) -> None:
    own_school.change("UPDATE role SET ended_at = now() WHERE person_id = %s", own_school.ids["nina"])
    own_school.change("UPDATE person SET is_student = false, ended_at = now() WHERE id = %s", own_school.ids["nina"])
    assert publish(own_school, "carl", words="Nina Ruiz won.") == "named"


def test_a_preferred_name_is_a_name(own_school: School) -> None:
    own_school.change(PREFERS, own_school.ids["nina"])
    for name in ("Nico Vale", "Nico Ruiz", "Nina Vale", "Vale, Nico"):
        assert publish(own_school, "carl", words=name) == "named"


def test_neither_the_alias_nor_the_name_behind_it_is_published_by_anyone(own_school: School) -> None:
    """Also by those who may not know the name, and also if the alias begins later."""
    appoint(own_school, "rosa", at="elementary")
    own_school.change(ADOPT)
    own_school.change(MASK, own_school.ids["nina"], own_school.ids["carl"])
    for who, place in (("carl", "middle"), ("rosa", "elementary")):
        for name in ("Nina Ruiz", "Robin Quist", "Quist, Robin"):
            assert publish(own_school, who, school=str(identity(place)), words=name) == "named", (who, name)


@pytest.mark.parametrize(("given_name", "family_name", "texts", "others"), [
    ("José", "García López", ["Jose Garcia Lopez", "José García", "Jose Lopez", "Garcia Lopez, Jose", "JOSE GARCIA-LOPEZ", "Lopez Jose"], ["Garcia Lopez"]),
    ("Ana-Maria", "O’Brien", ["Ana Maria OBrien", "Maria O'Brien", "ana o´brien’s"], ["Ana Maria"]),
    ("Luz", "de la Cruz", ["Luz de la Cruz", "Cruz, Luz", "Luz Cruz", "De La Cruz, Luz"], ["Luz de la escuela"]),
    ("Will", "May", ["Will May returns", "May, Will"], ["Will the students of May"]),
    ("Ali", "Green", ["Ali Green", "AIi Green", "ALI GREEN"], ["All green bags"]),
    ("Emma", "Le", ["Emma Le", "Ernma Le", "Le, Emma"], ["Emma"]),
    ("Yıldız", "Weiß", ["Yildiz Weiss", "YILDIZ WEISS", "Yıldız Weiß"], []),
    ("Νίκη", "Иванова", ["Νίκη Иванова", "ΝΙΚΗ ИВАНОВА"], []),
    ("Cher", "", ["Cher sings", "CHER"], ["Cherry"]),
    ("Lil", "Li", ["LIL LI", "lil li", "LlL LI"], ["lll ll"]),
])  # fmt: skip
def test_names_of_two_parts_with_particles_or_of_other_letters(
    own_school: School, given_name: str, family_name: str, texts: list[str], others: list[str]
) -> None:
    own_school.change(NEW, given_name, family_name)
    assert [text for text in texts if found_in(own_school, text) != ["new"]] == [] == [text for text in others if found_in(own_school, text)]


INVISIBLE = [chr(code) for code in (0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x202E, 0x2060, 0x2066, 0xFEFF, 0x061C, 0x180E, 0xE0061, 0xFE0F, 0x34F)]
MARKS = [chr(code) for code in (0x300, 0x301, 0x303, 0x308, 0x327, 0x335, 0x489, 0x20DD)]
LIKE = {"n": "nNո𝐧ｎ", "i": "iIіιı1Ӏ", "a": "aAаαɑ", "r": "rRг𝗿", "u": "uUυս", "z": "zZᴢ𝒛"}
LETTERS = {each: st.tuples(st.sampled_from(like), st.lists(st.sampled_from(INVISIBLE + MARKS), max_size=2)) for each, like in LIKE.items()}
GAPS = st.lists(st.sampled_from([*" \t\n\u00a0\u2009\u3000,", ".\n"]), min_size=1, max_size=3).map("".join)


def spelt(name: str) -> st.SearchStrategy[str]:
    letters = st.tuples(*(LETTERS[each] for each in name))
    return letters.map(lambda found: "".join(letter + "".join(beside) for letter, beside in found))


@given(first=spelt("nina"), last=spelt("ruiz"), gap=GAPS, middle=st.sampled_from(["", "M. ", "Maria "]), is_last_first=st.booleans())
@settings(max_examples=150)
def test_any_case_accent_invisible_character_look_alike_and_space_is_seen_through(
    school: School, first: str, last: str, gap: str, middle: str, is_last_first: bool
) -> None:
    text = f"The winner: {last}{gap}{first}!" if is_last_first else f"The winner: {first}{gap}{middle}{last}!"
    assert found_in(school, text) == ["nina"]


def test_an_opt_out_hides_news_that_names_her_in_another_spelling_and_at_another_school(own_school: School) -> None:
    own_school.change(ADOPT)
    for title, school in (("Chess", "middle"), ("Relay", "elementary")):
        assert publish(own_school, "carl", school=str(identity(school)), title=title, words="Ruiz, Ni\u200dna won.") == "published"
        assert stored(own_school) == [own_school.ids["nina"]]
    assert {"Chess", "Relay"} <= set(read(own_school, "ana"))
    assert ask(own_school, "ana", "SELECT opt_out(%s, 'name')", [identity("nina")], side="family") == "kept"
    assert not {"Chess", "Relay"} & set(read(own_school, "ana"))


def erased(school: School) -> int:
    """Erases Nina. Returns how many news items are left of those that name her."""
    with school.connect("owner") as owner:
        owner.execute("SELECT * FROM erase_student(%s, 'letter')", [school.ids["nina"]])
    return int(stored(school, "SELECT count(*) FROM news_item WHERE title = 'Book fair'"))


@pytest.mark.parametrize(("said", "change"), [
    ({"words": "Ruiz, Nina won.", "audience": "families"}, "UPDATE news_item SET named = '{}'"),
    ({"words": "Nina M. Ruiz won.", "audience": "staff"}, "SELECT 1"),
    ({"words": "Nina M. Ruiz won.", "audience": "everyone"}, "UPDATE news_item SET taken_down_at = now()"),
    ({"words": "Nina M. Ruiz won.", "audience": "everyone"}, "UPDATE person SET family_name = 'Vale'"),
])  # fmt: skip
def test_an_erasure_deletes_news_that_names_her_also_for_staff_and_from_before(own_school: School, said: dict[str, str], change: str) -> None:
    own_school.change(ADOPT)
    assert publish(own_school, "carl", **said) == "published"
    own_school.change(change)
    assert erased(own_school) == 0


def test_an_erasure_leaves_other_news(own_school: School) -> None:
    publish(own_school, "carl")
    assert erased(own_school) == 1


def again(school: School, delivery: int | None) -> None:
    with school.connect("owner" if delivery is None else "intake") as login:
        login.execute("SELECT name_news_again(%s)", [delivery])


def test_news_is_looked_through_again_for_the_students_of_a_file(own_school: School) -> None:
    publish(own_school, "carl", words="Rob Vale plays.")
    own_school.change(NEW, "Rob", "Vale")
    again(own_school, own_school.ids["file"])
    assert "Book fair" in read(own_school, "ana"), "of no student in that file"
    own_school.change("UPDATE person SET delivery_id = %s WHERE sourced_id = 'new'", own_school.ids["file"])
    again(own_school, own_school.ids["file"])
    assert "Book fair" not in read(own_school, "ana")


def test_news_that_no_one_reads_and_news_for_staff_keep_what_they_have(own_school: School) -> None:
    over, down = "UPDATE news_item SET last_day = today() - 1", "UPDATE news_item SET taken_down_at = now()"
    for said, change in (({"audience": "staff"}, "SELECT 1"), ({"audience": "families"}, over), ({"audience": "families"}, down)):
        own_school.change(ADOPT)
        assert publish(own_school, "carl", words="Nina Ruiz", **said) == "published"
        own_school.change("UPDATE news_item SET named = '{}', last_day = NULL, taken_down_at = NULL")
        own_school.change(change)
        again(own_school, None)
        assert stored(own_school) == []
    own_school.change("UPDATE news_item SET last_day = today(), taken_down_at = NULL, named = '{1}'")
    again(own_school, None)
    assert stored(own_school) == sorted({1, own_school.ids["nina"]}), "a name that was found before stays"


def test_app_and_others_cannot_search_texts_for_names(school: School) -> None:
    """A login that could would ask whether the district has a student."""
    for login in ("app", "door", "jobs", "intake", "sealer"):
        with school.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(FOUND, ["Nina Ruiz"])


def test_the_refusal_says_the_same_for_a_student_of_another_school(school: School) -> None:
    """The publisher learns that some student has the name that they typed, and no school."""
    assert [publish(school, "pat", words=f"{name} won.") for name in ("Nina Ruiz", "Leo Ruiz", "Lou Ibarra")] == ["named", "named", "published"]
