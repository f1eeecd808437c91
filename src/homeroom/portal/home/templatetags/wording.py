"""The words and small parts that every template uses: {% load wording %}. Each answer is escaped or made of constants."""

from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from homeroom.portal.access.actor import Actor
from homeroom.portal.home.bar import Bar, bar, bar_of_door
from homeroom.portal.wording import dates
from homeroom.portal.wording.fresh import is_late
from homeroom.portal.wording.marks import icon, statements_of, tag

register = template.Library()
HERE = ' aria-current="page"'

register.filter("day", dates.day)
register.filter("named_day", dates.named_day)
register.filter("long_day", dates.long_day)
register.filter("plain_day", dates.plain_day)
register.filter("dated_day", dates.dated_day)
register.filter("local", dates.local)
register.filter("weekday", dates.weekday)
register.filter("clock", dates.clock)
register.simple_tag(icon)
register.simple_tag(tag)
register.simple_tag(statements_of, name="statements")


@register.simple_tag
@lru_cache
def head() -> SafeString:
    """Returns styles and icons. They are the same on every page of a process, and drawing them again took a tenth of a page's time."""
    return render_to_string("parts/head.html")


@register.simple_tag
def foot() -> SafeString:
    """Returns the foot, which is the same on every page in one language."""
    return _foot(get_language())


@lru_cache(maxsize=8)
def _foot(_language: str | None) -> SafeString:
    return render_to_string("parts/foot.html", {"district_phone": office_phone()})


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """Returns a moment such as "Monday, Nov 23, 6:12 p.m.", as <time> in the district's zone."""
    local = timezone.localtime(at)
    said = f"{dates.named_day(local.date())}, {dates.clock(local)}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), said)


@register.simple_tag
@lru_cache
def office_phone() -> SafeString:
    """Returns the district's number as a link for phones. It never breaks over two lines."""
    number = settings.PLACE.phone
    digits = "".join(letter for letter in number if letter.isdigit() or letter == "+")
    return format_html('<a class="phone" href="tel:{}">{}</a>', digits, number)


@register.simple_tag
def printed_at() -> str:
    now = timezone.localtime()
    return f"{dates.long_day(now.date())}, {dates.clock(now)}"


@register.simple_tag
def on_day(of: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', of.isoformat(), dates.day(of))


@register.simple_tag
def own_language() -> SafeString:
    """Returns a lang attribute for titles that stay as the teacher wrote them, on a page in another language."""
    return (
        SafeString("")
        if get_language() == settings.LANGUAGE_CODE
        else format_html(' lang="{}"', settings.LANGUAGE_CODE)
    )


@register.simple_tag(takes_context=True)
def as_of(context: Context, about: str = "both") -> SafeString:
    """Returns the as-of line under an h1, or the notice that the nightly file did not come. `about` is both, scores or attendance."""
    actor = context["actor"]
    grades = _local(actor.grades_as_of) if actor and about != "attendance" else None
    attendance = _local(actor.attendance_as_of) if actor and about != "scores" else None
    came = _local(actor.as_of) if actor else None
    late = came is not None and is_late(came, timezone.localtime())
    return _as_of(about, grades, attendance, came, late, dates.this_school_year(), get_language())


@lru_cache(maxsize=64)  # the same for everyone
def _as_of(
    about: str, grades: datetime | None, attendance: datetime | None, came: datetime | None, late: bool, _year: int, _language: str | None
) -> SafeString:
    oldest = min(filter(None, (grades, attendance)), default=came)
    shown = {"about": about, "grades": grades, "attendance": attendance, "came": came, "is_late": late, "oldest": oldest}
    return render_to_string("parts/as_of.html", shown)


def _local(at: datetime | None) -> datetime | None:
    return timezone.localtime(at) if at else None


@register.inclusion_tag("parts/bar.html", takes_context=True)
def top_bar(context: Context) -> dict[str, Any]:
    request, actor = context.get("request"), context.get("actor")
    path = request.path if request else ""
    of_door = bar_of_door(path) if context.get("session") else None
    shown = bar(actor, path, context.get("things") or {}) if actor else of_door
    here = request.get_full_path() if request else "/"
    # The bar has its places twice, once in a menu for phones.
    places = places_of(shown, actor) if shown else ""
    return {"district_name": context.get("district_name"), "bar": shown, "places": places, "languages": languages_of(here)}


def places_of(of: Bar, actor: Actor | None) -> SafeString:
    """Returns the bar's places, the name of the person signed in, and the way out. It is a link to the form: a form here would have a token that
    differs each time, and the front compresses no page with a new cookie.
    """
    places = "".join(f'<li><a href="{escape(place.path)}"{HERE if place.is_here else ""}>{escape(place.label)}</a></li> ' for place in of.places)
    others = ""
    if actor and actor.other_side:
        words = _("As staff") if actor.other_side == "staff" else _("As family")
        others = f'<li><a href="/sign-in/other-side">{escape(words)}</a></li> '
    who = f'<li><span class="bar-who">{escape(actor.full_name)}</span></li> ' if actor else ""
    return SafeString(f'<ul>{places}</ul>\n<ul>{others}{who}<li><a href="/account/sign-out">{escape(pgettext("in the bar", "Sign out"))}</a></li></ul>')


@register.simple_tag
def languages_of(here: str) -> SafeString:
    """Returns links to this page in the other languages. They are outside the menu, so that someone who can't read "Menu" sees them."""
    others = "".join(
        f'<li><a href="/language/{code}?next={quote(here, safe="")}" lang="{code}" hreflang="{code}" rel="nofollow">{name}</a></li>'
        for code, name in settings.LANGUAGES
        if code != get_language()
    )
    return SafeString(f'<ul class="bar-languages">{others}</ul>')
