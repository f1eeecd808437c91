"""{% load parts %}: a form's field, and a notice.

{% field "mail" email typed wrong maxlength=254 %}label{% hint %}hint{% endfield %}
{% notice "leaf" "kept" said %}heading{% body %}<p>words</p>{% endnotice %}
"""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from django import template
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token
from django.template.base import render_value_in_context as shown_as
from django.utils.html import format_html
from django.utils.safestring import SafeString

from homeroom.portal.wording.marks import icon

register = template.Library()

FLAGS = {"required", "readonly", "autofocus", "hidden_label", "hint_first", "alert", "said", "role", "data_from_card"}
AS_TYPED = 'autocorrect="off" spellcheck="false"'
SPELLED = {
    **{kind: f' type="{kind}"' for kind in ("date", "email", "file", "tel")},
    "digits": ' inputmode="numeric"',
    "as_typed": f' autocomplete="off" autocapitalize="none" {AS_TYPED}',
    "capitals": f' autocomplete="off" autocapitalize="characters" {AS_TYPED}',
    "username": f' autocomplete="username" autocapitalize="none" {AS_TYPED} maxlength="254"',
    "password": ' type="password" autocomplete="current-password" maxlength="1024"',
    "new_password": ' type="password" autocomplete="new-password" maxlength="1024"',
    "code": f' class="code" autocomplete="one-time-code" autocapitalize="characters" {AS_TYPED} maxlength="100"',
}
KEPT = {"typed": "value", "form": "value", "wrong": "error"}  # what a view keeps by the names of fields
OURS = {"id", "of", "described", "error", "options", "empty", "hidden_label", "hint_first", "alert", "autofocus", "focus_unless"}
PICTURES = {"leaf": "check", "slate": "pause", "amber": "warning", "brick": "warning"}
ROLES = {"leaf": "status", "slate": "status", "amber": "alert", "brick": "alert"}
Given = dict[str, FilterExpression | bool]


def read(parser: Parser, token: Token) -> tuple[list[FilterExpression], Given]:
    """Returns what a tag was given by place, and what by name. A word of FLAGS or SPELLED alone means that it is so."""
    places: list[FilterExpression] = []
    given: Given = {}
    for bit in token.split_contents()[1:]:
        name, is_named, value = bit.partition("=")
        if bit in FLAGS or bit in SPELLED:
            given[bit] = True
        elif bit in KEPT:
            given[KEPT[bit]] = parser.compile_filter(f"{bit}.{places[0].var}")
        elif is_named and name.isidentifier():
            given[name] = parser.compile_filter(value)
        else:
            places.append(parser.compile_filter(bit))
    return places, given


def parts_of(parser: Parser, first: str, *others: str, end: str) -> dict[str, NodeList]:
    """Returns what is between a tag and its end: the first part, and those that follow {% other %}."""
    parts, name = {}, first
    while name != end:
        parts[name] = parser.parse((*others, end))
        name = parser.next_token().contents
    return parts


def resolved(given: Given, context: Context) -> dict[str, Any]:
    return {name: value if isinstance(value, bool) else value.resolve(context) for name, value in given.items()}


class Field(Node):
    child_nodelists = ("label", "hint", "choices", "under")

    def __init__(self, name: FilterExpression, given: Given, parts: Mapping[str, NodeList]) -> None:
        self.name, self.given, self.parts = name, given, parts
        vars(self).update(parts)  # Django finds the nodes of a page by these names

    def render(self, context: Context) -> SafeString:
        given = resolved(self.given, context)
        of = shown_as(self.name.resolve(context), context)
        row = f"-{shown_as(given['of'], context)}" if "of" in given else ""
        name = f"{shown_as(given['id'], context) if 'id' in given else of}{row}"
        hint = self.part("hint", context)
        error = shown_as(given["error"], context) if given.get("error") else ""
        label = f'<label for="{name}"{" class=\"hidden\"" if "hidden_label" in given else ""}>{self.part("label", context)}</label>'
        words = words_of(given, name, hint, error)
        heads = f' id="{name}" name="{of}"'
        others = [f"{shown_as(given['described'], context)}{row}"] if "described" in given else []
        ends = f"{described(name, hint, error, others)}{focus(given)}"
        control = self.control(given, heads, ends, context) + self.part("under", context)
        return SafeString(f'<div class="field{" field-wrong" if error else ""}">{label}\n{words}{control}</div>')

    def part(self, name: str, context: Context) -> str:
        return self.parts[name].render(context).strip() if name in self.parts else ""

    def control(self, given: Mapping[str, Any], heads: str, ends: str, context: Context) -> str:
        if "options" in given or "choices" in self.parts:
            empty = format_html('<option value="">{}</option>', given["empty"]) if "empty" in given else ""
            choices = options(given.get("options") or (), given.get("value"), context)
            return f"<select{heads}{attributes(given, context, {'value'})}{ends}>{empty}{choices}{self.part('choices', context)}</select>"
        if "rows" in given:
            value = shown_as(given.get("value", ""), context)
            return f"<textarea{heads}{attributes(given, context, {'value'})}{ends}>{value}</textarea>"
        return f"<input{heads}{attributes(given, context)}{ends}>"


def attributes(given: Mapping[str, Any], context: Context, but: Set[str] = frozenset()) -> str:
    """Returns what an input has beyond its name and descriptions, such as ` type="date" required`."""
    return "".join(
        SPELLED.get(name) or f" {name.replace('_', '-')}" + ("" if value is True else f'="{shown_as(value, context)}"')
        for name, value in given.items()
        if name not in OURS | but
    )


def words_of(given: Mapping[str, Any], name: str, hint: str, error: str) -> str:
    role = ' role="alert"' if "alert" in given else ""
    words = [
        f'<p class="error"{role} id="{name}-error">{error}</p>\n' if error else "",
        f'<p class="hint small" id="{name}-hint">{hint}</p>\n' if hint else "",
    ]
    return "".join(reversed(words) if "hint_first" in given else words)


def described(name: str, hint: str, error: str, others: list[str]) -> str:
    by = " ".join(others + ([f"{name}-hint"] if hint else []) + ([f"{name}-error"] if error else []))
    return (f' aria-describedby="{by}"' if by else "") + (' aria-invalid="true"' if error else "")


def focus(given: Mapping[str, Any]) -> str:
    return " autofocus" if given.get("autofocus") or ("focus_unless" in given and not given["focus_unless"]) else ""


def options(several: Iterable[tuple[Any, ...]], chosen: Any, context: Context) -> str:
    """Each option has a value, words and, where no value of the field decides, whether it is chosen."""
    drawn = []
    for value, words, *is_chosen in several:
        selected = " selected" if (is_chosen[0] if is_chosen else chosen is not None and value == chosen) else ""
        drawn.append(f'<option value="{shown_as(value, context)}"{selected}>{shown_as(words, context)}</option>')
    return "".join(drawn)


@register.tag
def field(parser: Parser, token: Token) -> Field:
    """Draws a label, hint, error and control. The first word is the name, and the id if no other is given."""
    (name,), given = read(parser, token)
    return Field(name, given, parts_of(parser, "label", "hint", "choices", "under", end="endfield"))


class Notice(Node):
    child_nodelists = ("head", "body")

    def __init__(self, places: list[FilterExpression], given: Given, parts: Mapping[str, NodeList]) -> None:
        self.places, self.given, self.parts = places, given, parts
        vars(self).update(parts)

    def render(self, context: Context) -> SafeString:
        kind, *named = (shown_as(place.resolve(context), context) for place in self.places)
        given = resolved(self.given, context)
        name = "-".join([*named, *([shown_as(given["of"], context)] if "of" in given else [])])
        picture = icon(given.get("icon") or PICTURES[kind])
        head, body = (self.parts[part].render(context).strip() if part in self.parts else "" for part in ("head", "body"))
        kinds = f"notice notice-{kind}{f' {shown_as(given["class"], context)}' if "class" in given else ''}"
        if not name:
            return SafeString(f'<p class="{kinds}">{picture}<span>{head}</span></p>')
        role = f' role="{ROLES[kind]}"' if given.keys() & {"said", "role"} else ""
        reached = ' tabindex="-1" autofocus' if "said" in given else ""
        fact = f' data-said="{shown_as(given["fact"], context)}"' if "fact" in given else ""
        return SafeString(
            f'<section class="{kinds}"{role}{reached}{fact} aria-labelledby="{name}">'
            f'{picture}<div><h2 id="{name}">{head}</h2>\n{body}</div></section>'
        )


@register.tag
def notice(parser: Parser, token: Token) -> Notice:
    """Draws a notice by its color: leaf (done), slate (for your information), amber (take care) or brick (wrong).

    With `said` it is what a form's answer says, so a screen reader reads it first. Without an id it is a sentence alone.
    `fact` names for tests what the words say, if the id doesn't.
    """
    places, given = read(parser, token)
    if not 1 <= len(places) <= 2:
        raise TemplateSyntaxError("a notice has a kind, and an id if it has a heading")
    return Notice(places, given, parts_of(parser, "head", "body", end="endnotice"))
