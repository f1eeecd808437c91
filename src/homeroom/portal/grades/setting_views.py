"""Grades under Settings, for administrators: which categories hold class grades, and whether families see estimates. Each has a preview."""

from collections.abc import Collection

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from homeroom.portal.access.acting import Answer
from homeroom.portal.access.guard import Request, guard
from homeroom.portal.audit.setting_queries import changes_of
from homeroom.portal.grades.actions import set_categories
from homeroom.portal.grades.setting_pages import PreviewPage, categories_preview, estimates_preview, grades_page
from homeroom.portal.grades.setting_queries import categories, effect_of, ungraded
from homeroom.portal.membership.acts import CHANGE_SETTING, SEE_SETTINGS
from homeroom.portal.membership.choices.actions import change_setting
from homeroom.portal.membership.choices.queries import AccessSetting, setting_named

PLACE = "/settings/grades"


@guard(SEE_SETTINGS)
@require_GET
def grades(request: Request) -> HttpResponse:
    return _page(request, request.GET.get("then", ""))


@guard(CHANGE_SETTING, fresh=True)
def categories_previewed(request: Request) -> HttpResponse:
    return _categories(request, is_kept=False)


@guard(CHANGE_SETTING, fresh=True)
def categories_chosen(request: Request) -> HttpResponse:
    return _categories(request, is_kept=True)


@guard(CHANGE_SETTING, fresh=True)
def estimates_previewed(request: Request) -> HttpResponse:
    return _estimates(request, is_kept=False)


@guard(CHANGE_SETTING, fresh=True)
def estimates_chosen(request: Request) -> HttpResponse:
    return _estimates(request, is_kept=True)


def _categories(request: Request, *, is_kept: bool) -> HttpResponse:
    if request.method != "POST":  # for someone who had to sign in first
        return HttpResponseRedirect(PLACE)
    _estimates_now()
    found, ticked = categories(), set(request.POST.getlist("grade"))
    before = {each.name for each in found if each.is_chosen}
    ticked &= {each.name for each in found}
    if before != set(request.POST.getlist("was")):
        return _page(request, Answer.TAKEN, ticked, status=409)
    if before == ticked:
        return _page(request, "untouched", ticked, status=422)
    was, becomes = [each.title for each in found if each.is_chosen], [each.title for each in found if each.name in ticked]
    if not is_kept:
        effect = effect_of(becomes)
        if effect is None:
            raise Http404
        return _preview(request, categories_preview(found, ticked, effect))
    return _answered(request, set_categories(was, becomes, by=request.actor), ticked)


def _estimates(request: Request, *, is_kept: bool) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseRedirect(PLACE)
    now, becomes = _estimates_now(), request.POST.get("becomes", "")
    if becomes not in now.choices:
        return _page(request, Answer.ODD, status=422)
    if is_kept:
        return _answered(request, change_setting("estimates", request.POST.get("was", ""), becomes, by=request.actor))
    if becomes == now.choice:
        return _page(request, Answer.SAME, status=422)
    return _preview(request, estimates_preview(now, becomes, ungraded()))


def _estimates_now() -> AccessSetting:
    """Returns the setting of estimates for administrators of the district, who may change both settings. Raises Http404."""
    now = setting_named("estimates")
    if now is None or not now.may_change:
        raise Http404
    return now


def _answered(request: Request, then: Answer, ticked: Collection[str] | None = None) -> HttpResponse:
    if not then:
        raise Http404
    if then is Answer.KEPT:
        return HttpResponseRedirect(f"{PLACE}?then={then}")
    return _page(request, then, ticked, status=409 if then in (Answer.TAKEN, Answer.BUSY) else 422)


def _preview(request: Request, page: PreviewPage) -> HttpResponse:
    return render(request, "grades/setting_preview.html", {"page": page})


def _page(request: Request, then: Answer | str, ticked: Collection[str] | None = None, *, status: int = 200) -> HttpResponse:
    estimates = setting_named("estimates")
    if estimates is None:
        raise Http404
    page = grades_page(categories(), ungraded(), estimates, changes_of("grade categories"), ticked, then)
    return render(request, "grades/settings.html", {"page": page}, status=status)
