"""Icons and tags as HTML. The kind of a mark decides its color and its icon, and it always has a word."""

from collections.abc import Iterable
from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

TAGS = {
    "missing": ("brick", "missing"),
    "refused": ("brick", "cross"),
    "late": ("amber", "clock"),
    "held": ("slate", "pause"),
    "waiting": ("slate", "clock"),
    "imported": ("leaf", "check"),
    "excused": ("plain", "check"),
    "undone": ("plain", "undo"),
    "closed": ("plain", "lock"),
    "plain": ("plain", ""),
    "new": ("new", ""),
}


@lru_cache
def icon(name: str, kind: str = "") -> SafeString:
    drawing = '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return format_html(drawing, kind, static("icons.svg"), name)


@lru_cache(maxsize=1024, typed=True)  # a page has the same few words a hundred times. typed: safe strings have their own key
def tag(kind: str, words: str) -> SafeString:
    """{% tag "missing" words %}: the kinds are the keys of TAGS."""
    colour, picture = TAGS[kind]
    drawn = icon(picture) if picture else ""
    return format_html('<span class="tag tag-{}">{}{}</span>', colour, drawn, words)


def statements_of(said: Iterable[str]) -> SafeString:
    """{% statements row.statements %}: what families say about part of a record, next to it."""
    return format_html_join("", ' <span class="small statement" data-said="statement">{}</span>', ((each,) for each in said))
