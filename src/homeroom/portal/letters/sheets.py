"""The content of a letter with a code and of a sheet of cards, in English and Spanish, as press.py's templates read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import segno
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import override

from homeroom.portal.letters.code import grouped
from homeroom.portal.letters.press import printed
from homeroom.portal.wording import dates

LANGUAGES = {"en": "es", "es": "en"}  # and the language on the other side
MOST_CHILDREN = 4  # codes on one side of a sheet
PLACES = {"contact": "/sign-in/register"}  # the path where a kind of code is typed, if not /sign-in/code


@dataclass(frozen=True, slots=True)
class Head:
    """The portal's data: the district's name, the address as families type it, the office's phone."""

    district: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class ChildCode:
    """`child` is a first name."""

    child: str
    code: str


@dataclass(frozen=True, slots=True)
class CodeLetter:
    """`kind` is wake, password, factors or contact. `to` has the lines of the address. `language` is of the side that comes first. A letter of kind
    contact has the code of each of `children`, MOST_CHILDREN at most. Any other has `code`."""

    to: Sequence[str]
    kind: str
    code: str
    last_day: date
    language: str
    children: Sequence[ChildCode] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """`name` has only as much as distinguishes the children of the class. `words` are as card.new_card() makes them."""

    name: str
    words: str


def code_letters(letters: Sequence[CodeLetter], head: Head, today: date) -> bytes:
    """Returns two sides per letter, to be printed on one sheet. Raises Unprintable."""
    language = letters[0].language
    with override(language):
        title = _("A code from %(district)s") % {"district": head.district}
    sides = [
        {"sides": [_side(letter, head, today, language) for language in (letter.language, LANGUAGES[letter.language])]}
        for letter in letters
    ]
    return printed("letter.typ", {"title": title, "district": head.district, "lang": language, "letters": sides})


def _side(letter: CodeLetter, head: Head, today: date, language: str) -> dict[str, Any]:
    with override(language):
        place = PLACES.get(letter.kind, "/sign-in/code")
        said = {"phone": head.phone, "address": bare(head.address) + place}
        return {
            "lang": language,
            "district": head.district,
            "date": dates.dated_day(today),
            "other_side": _("English on the back") if language == "es" else _("Español: al reverso"),
            "to": list(letter.to),
            "codes": _codes(letter),
            "use_by": _("Use it by"), "last_day": dates.dated_day(letter.last_day),
            "once": _("It works once.") if len(letter.children) < 2 else _("Each code works once."),
            "address": said["address"],
            "qr": qr(head.address + place),
            "qr_alt": _("QR code to scan with a phone. It opens %(address)s.") % said,
            "steps_heading": _("How to start"),
            "scan": _("On a phone, point the camera at the QR code. Or type %(address)s in a browser.") % said,
            "private_heading": _("Keep this letter private"),
            "private": _private(),
            "help_heading": _("No email, no phone, or need help?"),
            "help": _("You don’t need an email address. Call %(phone)s, or come to the office with a photo ID.") % said,
        } | (_for_contact(letter, head) if letter.kind == "contact" else _for_account(letter.kind, head))


def _codes(letter: CodeLetter) -> list[dict[str, str]]:
    if len(letter.children) < 2:
        return [{"label": _("Your code"), "code": grouped(letter.code)}]
    return [{"label": _("Code for %(child)s") % {"child": each.child}, "code": grouped(each.code)} for each in letter.children]


def _private() -> str:
    return _(
        "Anyone who has this code can use it in your place. The school never asks for it by phone or email."
        " If someone else has seen it, call us and we will cancel it."
    )


def _for_contact(letter: CodeLetter, head: Head) -> dict[str, Any]:
    """Returns what only a letter to a contact says, in the active language."""
    said = {"district": head.district, "children": get_text_list([each.child for each in letter.children], _("and"))}
    steps = [
        _("Fill in the form and type the code. Capital and small letters are the same. The code has no 0, 1, I, L or O."),
        _("Choose a username and a password. It takes about 5 minutes."),
    ]
    if len(letter.children) > 1:
        steps.append(_("For each other child, sign in and choose “Ask for another child”. Type the code of that child."))
    return {
        "heading": _("See grades and attendance for %(children)s") % said,
        "intro": _(
            "%(district)s has a website where families see grades, missing work and attendance. It is free."
            " You are on file as a contact for %(children)s. With this letter you can ask to see the record."
        ) % said,
        "steps": steps,
        "next_heading": _("What happens next"),
        "next": _(
            "The school office checks your request. When it is approved, you can see the record."
            " The code shows the office that this letter reached you."
        ),
    }


def _for_account(kind: str, head: Head) -> dict[str, Any]:
    """Returns what only a letter of this kind says, in the active language."""
    heading, intro, last_step = {
        "wake": (
            _("Your school account"),
            _("%(district)s has a website for families, students and staff. This letter is your key to it.") % {"district": head.district},
            _("Choose a username and a password. It takes about 5 minutes."),
        ),
        "password": (
            _("A new password"),
            _("Someone asked the school office for a new password for you and showed ID. If it wasn’t you, call us."),
            _("Choose a new password. If you use an app or a key to sign in, you still need it."),
        ),
        "factors": (
            _("A new sign-in method"),
            _("Someone reported to the school office that your sign-in app or key is lost, and showed ID. If it wasn’t you, call us."),
            _("Type your password too. Then set up a new app or key. The lost one stops working."),
        ),
    }[kind]
    typed = _("Type the code. Capital and small letters are the same. It has no 0, 1, I, L or O.")
    return {"heading": heading, "intro": intro, "steps": [typed, last_step], "next_heading": "", "next": ""}


def card_sheet(cards: Sequence[Card], class_title: str, head: Head, language: str) -> bytes:
    """Returns eight cards per sheet. Raises Unprintable."""
    with override(LANGUAGES[language]):
        how_other = _("Scan the QR code, or type the words at")
    with override(language):
        address = bare(head.address) + "/sign-in/card"
        sheet = {
            "title": _("Sign-in cards: %(name)s") % {"name": class_title},
            "district": head.district,
            "lang": language,
            "other_lang": LANGUAGES[language],
            "intro": _("Cut along the lines. Each card signs in one child. Give it to that child only. A lost card stops working when you print a new one."),
            "how": _("Scan the QR code, or type the words at"),
            "how_other": how_other,
            "address": address,
            "qr_alt": _("QR code to scan. It opens %(address)s with the words of this card.") % {"address": address},
            "cards": [{"name": card.name, "words": card.words.split("-"), "qr": qr(f"{head.address}/sign-in/card#{card.words}")} for card in cards],
        }
        return printed("cards.typ", sheet)


def bare(address: str) -> str:
    """Returns the address as a person types it."""
    return address.removeprefix("https://").removeprefix("http://")


def qr(text: str) -> str:
    """Returns a QR code as SVG. The words of a card are after the #, which no browser sends anywhere."""
    return segno.make(text, error="m", micro=False).svg_inline(scale=4, border=2)
