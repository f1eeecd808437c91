"""The page that a family gets while the portal does not answer, with the school's phone number."""

from collections.abc import Mapping
from html import escape
from http.cookies import CookieError, SimpleCookie

from aiohttp import web

from homeroom.portal.place import Place

PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading} · {name}</title>
</head>
<body>
<main>
<h1>{heading}</h1>
<p>{sentence}</p>
<p>{call} <a href="tel:{digits}">{phone}</a></p>
</main>
</body>
</html>
"""
WORDS = {
    "en": {
        "heading": "Closed for a moment",
        "sentence": "{name} cannot show this page right now. Nothing is lost. Try again in a few minutes.",
        "call": "To ask the school, call",
    },
    "es": {
        "heading": "Cerrado por un momento",
        "sentence": "{name} no puede mostrar esta página ahora. No se perdió nada. Inténtelo de nuevo en unos minutos.",
        "call": "Para preguntar a la escuela, llame al",
    },
}


def language_of(headers: Mapping[str, str], cookie: str) -> str:
    """Returns the language chosen on a page before, or the browser's. `cookie` is the name of the cookie with the choice."""
    try:
        chosen = SimpleCookie(headers.get("Cookie", "")).get(cookie)
    except CookieError:  # this page must work whatever a browser sends
        chosen = None
    if chosen and chosen.value in WORDS:
        return chosen.value
    return "es" if headers.get("Accept-Language", "").strip().lower().startswith("es") else "en"


def away_page(place: Place, headers_asked: Mapping[str, str]) -> web.Response:
    language = language_of(headers_asked, place.language_cookie)
    name = escape(place.name)
    words = {key: text.format(name=name) for key, text in WORDS[language].items()}
    digits = "".join(sign for sign in place.phone if sign.isdigit() or sign == "+")
    text = PAGE.format(language=language, name=name, phone=escape(place.phone), digits=digits, **words)
    return web.Response(status=503, text=text, content_type="text/html", headers={"Retry-After": "30", "Cache-Control": "no-store"})
