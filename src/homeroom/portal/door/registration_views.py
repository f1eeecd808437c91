"""Where a parent without an account asks for one, and for a child's record. The page says the same whether there is such a child or not."""

from dataclasses import replace
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.guard import unguarded
from homeroom.portal.door.accounts import AccountRefused
from homeroom.portal.door.coding import NameTaken, NoSuchCode
from homeroom.portal.door.passwords import ALONE, PasswordRefused
from homeroom.portal.door.recovering import NoAddress, OfStudents
from homeroom.portal.door.registering import NotTaken, Parent, is_open, register, schools
from homeroom.portal.door.signing_in import Wait
from homeroom.portal.door.views import address_of, after_password, wait_first
from homeroom.portal.letters import code
from homeroom.portal.wording.claims import FIELDS, claim_in, line, mistyped, name_in, no_such_letter, relations

OWN = ("given_name", "family_name", "mail", "sign_in_name")  # what was typed stays on the page; a password never


@unguarded("where somebody who has no account asks for one; it reads nothing about any child")
@require_http_methods(["GET", "HEAD", "POST"])
def register_page(request: HttpRequest) -> HttpResponse:
    if not is_open():
        return render(request, "door/register_closed.html")
    return _registered(request) if request.method == "POST" else _form(request)


def _registered(request: HttpRequest) -> HttpResponse:
    typed, wrong = request.POST, dict[str, str]()
    given, family = (name_in(typed, field, wrong) for field in OWN[:2])
    claim = claim_in(typed, [uuid for uuid, _name in schools()], timezone.localdate(), wrong)
    letter = code.digest_typed(typed.get("code", ""))
    if letter is None:
        wrong["code"] = mistyped()
    if claim is None or wrong:
        return _form(request, wrong)
    parent = Parent(given, family, line(typed.get("mail", ""), 254), typed.get("sign_in_name", ""), typed.get("password", ""))
    try:
        account = register(parent, replace(claim, code=letter or ""), address_of(request))
    except AccountRefused as why:
        return _form(request, {"sign_in_name": str(why)})
    except NoSuchCode:
        return _form(request, {"code": no_such_letter()})
    except NameTaken:
        return _form(request, {"sign_in_name": _("This username is taken. Choose another.")})
    except PasswordRefused as why:
        return _form(request, {"password": str(why)})
    except NoAddress:
        return _form(request, {"mail": _("This is no email address. It looks like name@example.org.")})
    except OfStudents:
        return _form(request, {"mail": _("This address belongs to the students’ own domain. Use an address of yours.")})
    except NotTaken:
        return _form(request, {"given_name": _("Check the names and the birth date.")})
    except Wait as wait:
        return wait_first(wait, partial(_form, request, {}))
    return after_password(request, account, "")


def _form(request: HttpRequest, wrong: dict[str, str] | None = None, error: str = "", status: int = 200) -> HttpResponse:
    shown = {
        "typed": {field: request.POST.get(field, "") for field in (*OWN, *FIELDS)},
        "wrong": wrong or {},
        "error": error,
        "schools": [(str(uuid), name) for uuid, name in schools()],
        "relations": relations().items(),
        "shortest": ALONE,
    }
    return render(request, "door/register.html", shown, status=422 if wrong else status)
