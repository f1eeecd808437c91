"""The pages where a parent, a student or a tutor asks for an account. A parent also asks for a child's record. A page says the same whether the child
exists or not."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import unguarded
from homeroom.portal.door import usernames
from homeroom.portal.door.coding import NameTaken, NoSuchCode
from homeroom.portal.door.hashing import composed
from homeroom.portal.door.models import Account
from homeroom.portal.door.passwords import ALONE, PasswordRefused, check_password
from homeroom.portal.door.recovering import NoAddress, OfStudents, is_address
from homeroom.portal.door.registering import (
    Newcomer,
    NotTaken,
    apply_as_tutor,
    is_open,
    register,
    register_student,
    schools,
    takes_students,
    takes_tutors,
)
from homeroom.portal.door.signing_in import Wait
from homeroom.portal.door.unconfirmed import closed_while_unconfirmed, told_while_unconfirmed
from homeroom.portal.door.views import address_of, after_password, wait_first
from homeroom.portal.letters import code
from homeroom.portal.wording.claims import (
    FIELDS,
    LONGEST,
    MOST_PURPOSE,
    claim_in,
    line,
    mistyped,
    name_in,
    no_such_letter,
    relations,
    student_in,
)

OWN = ("given_name", "family_name", "mail")  # typed values stay on the page, but never a password
LAST = ("sign_in_name", "password")  # the last fields of each form


@unguarded("where somebody who has no account asks for one; it reads nothing about any child")
@require_http_methods(["GET", "HEAD", "POST"])
@closed_while_unconfirmed
@told_while_unconfirmed
def register_page(request: HttpRequest) -> HttpResponse:
    if not is_open():
        return render(request, "door/register_closed.html", {"takes_tutors": takes_tutors()})
    return _registered(request) if request.method == "POST" else _form(request)


def _registered(request: HttpRequest) -> HttpResponse:
    typed, wrong = request.POST, dict[str, str]()
    parent = _newcomer(request, wrong)
    claim = claim_in(typed, [uuid for uuid, _name in schools()], timezone.localdate(), wrong)
    letter = code.digest_typed(typed.get("code", ""))
    if letter is None:
        wrong["code"] = mistyped()
    if claim is None or wrong:
        return _form(request, wrong)
    asked = replace(claim, code=letter or "")
    return _signed_in(request, lambda: register(parent, asked, address_of(request)), _form)


@unguarded("where a student who has no account asks for one; it reads nothing about any student")
@require_http_methods(["GET", "HEAD", "POST"])
@closed_while_unconfirmed
@told_while_unconfirmed
def student_page(request: HttpRequest) -> HttpResponse:
    if not takes_students():
        return render(request, "door/student_closed.html")
    if request.method != "POST":
        return _student_form(request)
    wrong = dict[str, str]()
    student = _newcomer(request, wrong)
    said = student_in(request.POST, [uuid for uuid, _name in schools()], timezone.localdate(), wrong)
    if said is None or wrong:
        return _student_form(request, wrong)
    return _signed_in(request, lambda: register_student(student, *said, address_of(request)), _student_form)


@unguarded("where a tutor who has no account asks for one; it reads nothing about any child")
@require_http_methods(["GET", "HEAD", "POST"])
@closed_while_unconfirmed
@told_while_unconfirmed
def tutor_page(request: HttpRequest) -> HttpResponse:
    if not takes_tutors():
        raise Http404
    return _applied(request) if request.method == "POST" else _tutor_form(request)


def _applied(request: HttpRequest) -> HttpResponse:
    typed, wrong = request.POST, dict[str, str]()
    tutor = _newcomer(request, wrong)
    organization, purpose = line(typed.get("organization", "")), line(typed.get("purpose", ""), MOST_PURPOSE)
    if not 0 < len(organization) <= LONGEST:
        wrong["organization"] = _("Type who you work for, or “myself”, in 100 characters or fewer.")
    if not 0 < len(purpose) <= MOST_PURPOSE:
        wrong["purpose"] = _("Write what you do for students, in 500 characters or fewer.")
    if wrong:
        return _tutor_form(request, wrong)
    return _signed_in(request, lambda: apply_as_tutor(tutor, organization, purpose, address_of(request)), _tutor_form)


def _newcomer(request: HttpRequest, wrong: dict[str, str]) -> Newcomer:
    typed = request.POST
    given, family = (name_in(typed, field, wrong) for field in OWN[:2])
    name = usernames.name_in(typed.get("username", ""))
    newcomer = Newcomer(given, family, line(typed.get("mail", ""), 254), name or "", typed.get("password", ""))
    wrong |= own_sign_in(newcomer)
    return newcomer


def own_sign_in(newcomer: Newcomer) -> dict[str, str]:
    """Says what needs no database, together with the other fields. The rest waits until everything else is right."""
    wrong = dict[str, str]()
    if newcomer.mail and not is_address(newcomer.mail):
        wrong["mail"] = no_address()
    if not newcomer.sign_in_name:
        wrong["sign_in_name"] = other_username()
    try:
        check_password(composed(newcomer.password), newcomer.sign_in_name, ALONE)
    except PasswordRefused as why:
        wrong["password"] = str(why)
    return wrong


def no_address() -> str:
    return _("This isn’t an email address. Use a form like name@example.org.")


def other_username() -> str:
    """Also for a username that another form of the same name used first."""
    return _("Homeroom made another username for you. Check it, and send the form again.")


def _signed_in(request: HttpRequest, make: Callable[[], Account], form: Callable[..., HttpResponse]) -> HttpResponse:
    """`form` shows the page again, with a sentence next to the field that it is about."""
    try:
        account = make()
    except NoSuchCode:
        return form(request, {"code": no_such_letter()})
    except NameTaken:
        return form(request, {"sign_in_name": other_username()})
    except PasswordRefused as why:
        return form(request, {"password": str(why)})
    except NoAddress:
        return form(request, {"mail": no_address()})
    except OfStudents:
        return form(request, {"mail": _("This address is in the students’ domain. Use your own address.")})
    except NotTaken:
        return form(request, {"given_name": _("Check what you typed.")})
    except Wait as wait:
        return wait_first(wait, partial(form, request, {}))
    return after_password(request, account, "")


def _form(request: HttpRequest, wrong: dict[str, str] | None = None, error: str = "", status: int = 200) -> HttpResponse:
    shown = _typed(request, (*OWN, *FIELDS), wrong or {}, error)
    shown |= {"schools": [(str(uuid), name) for uuid, name in schools()], "relations": relations().items(), "takes_tutors": takes_tutors()}
    return render(request, "door/register.html", shown, status=422 if wrong else status)


def _student_form(request: HttpRequest, wrong: dict[str, str] | None = None, error: str = "", status: int = 200) -> HttpResponse:
    shown = _typed(request, (*OWN, "birth_date", "school"), wrong or {}, error)
    shown |= {"schools": [(str(uuid), name) for uuid, name in schools()]}
    return render(request, "door/student.html", shown, status=422 if wrong else status)


def _tutor_form(request: HttpRequest, wrong: dict[str, str] | None = None, error: str = "", status: int = 200) -> HttpResponse:
    shown = _typed(request, (*OWN, "organization", "purpose"), wrong or {}, error)
    return render(request, "door/tutor.html", shown, status=422 if wrong else status)


def _typed(request: HttpRequest, fields: tuple[str, ...], wrong: dict[str, str], error: str) -> dict[str, Any]:
    in_order = dict(sorted(wrong.items(), key=lambda each: each[0] in LAST))
    kept = None if "sign_in_name" in wrong else usernames.name_in(request.POST.get("username", ""))
    typed = {field: request.POST.get(field, "") for field in fields} | {"sign_in_name": kept or usernames.made()}
    return {"typed": typed, "username": usernames.signed(typed["sign_in_name"]), "wrong": in_order, "error": error, "shortest": ALONE}
