"""Views of the setting that every file waits for an administrator's review: the page under Settings, its preview and the choice."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.intake.office.queries import Came, recent
from homeroom.portal.membership.acts import CHANGE_SETTING, SEE_SETTINGS
from homeroom.portal.membership.choices.actions import change_setting
from homeroom.portal.membership.choices.pages import changed
from homeroom.portal.membership.choices.queries import AccessSetting, setting_named
from homeroom.portal.membership.choices.words import choice_said, said_after

PLACE = "/settings/review"


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`choices` have value, words and whether it is in effect. `said` is the result of a change and whether it was kept."""

    now: str
    choices: tuple[tuple[str, str, bool], ...]
    may_change: bool
    history: tuple[str, ...]
    said: Reply | None


@guard(SEE_SETTINGS)
@require_GET
def review(request: Request) -> HttpResponse:
    return _page(request, request.GET.get("then", ""))


@guard(CHANGE_SETTING, fresh=True)
def review_previewed(request: Request) -> HttpResponse:
    return _posted(request, is_kept=False)


@guard(CHANGE_SETTING, fresh=True)
def review_chosen(request: Request) -> HttpResponse:
    return _posted(request, is_kept=True)


def _posted(request: Request, *, is_kept: bool) -> HttpResponse:
    if request.method != "POST":  # the person had to sign in first
        return HttpResponseRedirect(PLACE)
    now, becomes = setting_named("preview"), request.POST.get("becomes", "")
    if now is None or not now.may_change:
        raise Http404
    if becomes not in now.choices:
        return _page(request, Answer.ODD, 422)
    if is_kept:
        then = change_setting("preview", request.POST.get("was", ""), becomes, by=request.actor)
        if then is Answer.KEPT:
            return HttpResponseRedirect(f"{PLACE}?then={then}")
        if not then:  # no longer an administrator
            raise Http404
        return _page(request, then, 409 if then in (Answer.TAKEN, Answer.BUSY) else 422)
    if becomes == now.choice:
        return _page(request, Answer.SAME, 422)
    change = (choice_said("preview", now.choice), choice_said("preview", becomes))
    page = {"was": now.choice, "becomes": becomes, "change": change, "effects": effects(becomes, recent())}
    return render(request, "intake/review_preview.html", {"page": page})


def effects(becomes: str, files: Sequence[Came]) -> list[str]:
    """Says what would change. `files` are the last ones that came."""
    if becomes == "false":
        return [
            _("A file that passes every limit is imported without an administrator."),
            _("A file that is on hold now stays on hold until an administrator decides."),
        ]
    imported = sum(each.state == "imported" for each in files)
    words = ngettext(
        "%(n)s of the last %(all)s files was imported. It would have waited for an administrator.",
        "%(n)s of the last %(all)s files were imported. Each of them would have waited for an administrator.",
        imported,
    )
    return [
        words % {"n": imported, "all": len(files)},
        _("Until an administrator approves a file, families see the data of the last one. Later files from the same sender can wait, too."),
        _("The first file of a portal does not wait for this."),
    ]


def _page(request: Request, then: Answer | str, status: int = 200) -> HttpResponse:
    found = setting_named("preview")
    if found is None:
        raise Http404
    return render(request, "intake/review.html", {"page": page_of(found, then)}, status=status)


def page_of(found: AccessSetting, then: Answer | str) -> ReviewPage:
    odd: dict[Answer | str, tuple[str, bool]] = {Answer.ODD: (_("Nothing was changed. Choose one of the choices on the page."), False)}
    return ReviewPage(
        now=choice_said("preview", found.choice),
        choices=tuple((choice, choice_said("preview", choice), choice == found.choice) for choice in found.choices),
        may_change=found.may_change,
        history=tuple(changed("preview", each) for each in found.history),
        said=words_for(then, odd) or said_after(then),
    )
