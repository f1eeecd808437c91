"""The tags that draw a form's field and a notice."""

import re
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

MAIL = '{% field "mail" email typed wrong maxlength=254 required %}Your email{% hint %}Optional.{% endfield %}'


def drawn(source: str, **said: Any) -> str:
    return Template("{% load i18n parts %}" + source).render(Context(said))


def attributes(html: str, tag: str) -> dict[str, str]:
    (found,) = re.findall(rf"<{tag}( [^>]*)>", html)
    return {name: value.strip('"') for name, value in re.findall(r' ([\w-]+)(?:=("[^"]*"))?', found)}


def test_a_field_has_a_label_and_a_hint_that_a_screen_reader_finds() -> None:
    html = drawn(MAIL, typed={"mail": "ana@example.org"}, wrong={})
    assert attributes(html, "label") == {"for": "mail"}
    assert attributes(html, "input") == {
        "id": "mail", "name": "mail", "type": "email", "value": "ana@example.org", "maxlength": "254", "required": "", "aria-describedby": "mail-hint",
    }  # fmt: skip
    assert 'id="mail-hint"' in html and "field-wrong" not in html


def test_an_error_is_named_after_the_hint_and_marks_the_field() -> None:
    html = drawn(MAIL, typed={"mail": "ana"}, wrong={"mail": "Enter a full address."})
    field = attributes(html, "input")
    assert (field["aria-describedby"], field["aria-invalid"]) == ("mail-hint mail-error", "true")
    assert 'class="field field-wrong"' in html
    assert html.index('id="mail-error"') < html.index('id="mail-hint"')


@pytest.mark.parametrize("source", [MAIL, '{% field "mail" typed wrong rows=3 %}Text{% endfield %}'])
def test_typed_text_is_never_read_as_html(source: str) -> None:
    html = drawn(source, typed={"mail": '"><script>'}, wrong={"mail": "<script>"})
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 2


def test_a_list_keeps_the_choice_and_begins_with_none() -> None:
    source = '{% field "school" options=schools typed empty=_("Choose one") required %}School{% endfield %}'
    html = drawn(source, schools=[("1", "Lincoln"), ("2", "Adams")], typed={"school": "2"})
    assert re.findall(r'<option value="(\d?)"( selected)?>', html) == [("", ""), ("1", ""), ("2", " selected")]


def test_a_list_says_itself_what_is_chosen_if_no_value_does() -> None:
    html = drawn('{% field "time" options=spans %}Time{% endfield %}', spans=[(7, "7 days", True), (30, "30 days", False)])
    assert re.findall(r'<option value="(\d+)"( selected)?>', html) == [("7", " selected"), ("30", "")]


def test_a_row_of_a_list_has_ids_of_its_own() -> None:
    html = drawn('{% for n in rows %}{% field "why" of=n rows=2 %}Why{% hint %}Short.{% endfield %}{% endfor %}', rows=[1, 2])
    assert re.findall(r' id="([^"]+)"', html) == ["why-1-hint", "why-1", "why-2-hint", "why-2"]
    assert html.count('name="why"') == 2


@pytest.mark.parametrize(("error", "has_focus"), [("", True), ("Not yet.", False)])
def test_a_field_leaves_the_focus_to_an_error(error: str, has_focus: bool) -> None:
    html = drawn('{% field "code" focus_unless=error %}Code{% endfield %}', error=error)
    assert ("autofocus" in attributes(html, "input")) is has_focus


@pytest.mark.parametrize(("kind", "role", "picture"), [("leaf", "status", "check"), ("brick", "alert", "warning")])
def test_the_reply_to_a_form_is_read_first(kind: str, role: str, picture: str) -> None:
    html = drawn("{% notice kind 'kept' said %}Saved{% body %}<p>{{ n }} rows</p>{% endnotice %}", kind=kind, n=3)
    notice = attributes(html, "section")
    assert (notice["class"], notice["role"], notice["tabindex"]) == (f"notice notice-{kind}", role, "-1")
    assert "autofocus" in notice and notice["aria-labelledby"] == attributes(html, "h2")["id"] == "kept"
    assert f"#{picture}" in html and "<p>3 rows</p>" in html


def test_a_notice_that_is_always_there_takes_no_focus() -> None:
    assert attributes(drawn('{% notice "slate" "why" icon="lock" %}Why{% endnotice %}'), "section").keys() == {"class", "aria-labelledby"}


def test_a_notice_names_what_it_says_where_its_id_does_not() -> None:
    html = drawn('{% notice "leaf" "said" said fact=then %}Saved{% endnotice %}', then='kept "1"')
    assert attributes(html, "section")["data-said"] == "kept &quot;1&quot;"


def test_a_notice_without_a_heading_is_a_sentence() -> None:
    assert attributes(drawn('{% notice "slate" icon="eye" %}News{% endnotice %}'), "p") == {"class": "notice notice-slate"}
    with pytest.raises(TemplateSyntaxError):
        drawn("{% notice %}News{% endnotice %}")


def test_words_that_fill_nothing_in_are_asked_for_once_per_language() -> None:
    page = Template("{% load i18n %}{% blocktranslate trimmed %}Sign\nin{% endblocktranslate %} {% blocktranslate %}{{ n }}{% endblocktranslate %}")
    said = []
    for language, n in (("en", 1), ("es", 2), ("en", 3)):
        with translation.override(language):
            said.append(page.render(Context({"n": n})))
    assert said[0] == "Sign in 1" and said[2] == "Sign in 3"
    assert said[1] != "Sign in 2" and said[1].endswith(" 2")


def test_a_field_may_be_described_by_more_than_its_hint() -> None:
    html = drawn('{% for n in rows %}{% field "name" of=n described="record" %}Name{% hint %}In full.{% endfield %}{% endfor %}', rows=[4])
    assert attributes(html, "input")["aria-describedby"] == "record-4 name-4-hint"
