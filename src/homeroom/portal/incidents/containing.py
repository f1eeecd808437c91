"""The page on which the office takes access away because of an incident. Everything there is also in the incident's diary."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.incidents import actions, forms, pages, queries
from homeroom.portal.incidents.acts import HANDLE_INCIDENT
from homeroom.portal.incidents.queries import Containable, Effect
from homeroom.portal.incidents.recorded import account_said
from homeroom.portal.membership.words import moment

DONE = (Answer.RECORDED, Answer.PROPOSED)


@dataclass(frozen=True, slots=True)
class Deed:
    """A button: what it does (`how` for the database), its words, and what happens and whether it can be undone."""

    how: str
    words: str
    effect: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone's account, a support grant, or a sender's key, with what can be done about it."""

    subject: str
    name: str
    facts: tuple[str, ...]
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """What only the operator can do. `seen` says when the portal saw it, or that it hasn't."""

    words: str
    command: str
    seen: str
    tone: str


@guard(HANDLE_INCIDENT, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def contain(request: Request, incident: UUID) -> HttpResponse:
    found = queries.facts(incident)
    if not found:
        raise Http404
    then: Answer | str = request.GET.get("then", "")
    if request.method == "POST":
        how, subject = request.POST.get("how", "")[:20], request.POST.get("subject", "")[:80]
        then = actions.contain(incident, how, subject, forms.text_in(request, "why"), by=request.actor)
        if not then:
            raise Http404
        if then in DONE:
            return HttpResponseRedirect(f"{request.path}?then={then.value}")
    shown = {
        "incident": incident, "number": found[0].number, "said": pages.told(then), "holders": [holder_of(each) for each in queries.containable(incident)],
        "commands": commands(queries.effects(incident), settings.PLACE.slug), "form": request.POST,
    }  # fmt: skip
    return render(request, "incidents/contain.html", shown, status=pages.status_of(then))


def holder_of(found: Containable) -> Holder:
    if found.kind == "support":
        return Holder(found.subject, found.name, (_("Support grant until %(when)s.") % {"when": moment(found.until)} if found.until else "",), (
            Deed("support", _("End the grant"), _("Support sees no record from now on. Two administrators can grant it again.")),))  # fmt: skip
    if found.kind == "signer":
        return Holder(found.subject, found.name, (_("Sender’s key %(key)s.") % {"key": found.subject[-16:]},), (
            Deed("signer", _("Revoke the key"), _("No file with this key is imported anymore. Only the operator can trust a key again.")),))  # fmt: skip
    return Holder(found.subject, account_said(found.name, found.side), _account_facts(found), () if found.is_barred else _account_deeds(found))


def _account_facts(found: Containable) -> tuple[str, ...]:
    state = _("The account is open.") if found.is_open else _("The account is closed.")
    running = ngettext("%(n)s session is running.", "%(n)s sessions are running.", found.sessions) % {"n": found.sessions}
    barred = (_("Another administrator decides about this person."),) if found.is_barred else ()
    return (state, *((running,) if found.sessions else ()), *barred)


def _account_deeds(found: Containable) -> tuple[Deed, ...]:
    deeds = []
    if found.sessions:
        deeds.append(Deed("sessions", _("End its sessions"), _("Every device has to sign in again.")))
    if found.is_open:
        deeds.append(Deed("close", _("Close the account"), _("No one can sign in with it. You can open it again here.")))
    if found.can_open and not found.is_open:
        deeds.append(Deed("open", _("Open the account again"), _("It has no password and no second factor then. Print a letter with a one-use code.")))
    if found.tutoring:
        deeds.append(Deed("tutor", _("End the tutor’s access"), _("The tutor sees no student. A parent can sign a new consent.")))
    return tuple(deeds)


def commands(seen: Sequence[Effect], slug: str) -> list[Command]:
    at = {each.what: each.at for each in seen}
    rotated = at.get("logins rotated")
    return [Command(
        _("Give the database’s logins new passwords"), f"homeroom keys rotate {slug} --logins",
        _("Seen %(when)s") % {"when": moment(rotated)} if rotated else _("Not seen yet"), "imported" if rotated else "waiting",
    )]  # fmt: skip
