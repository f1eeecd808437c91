"""The addresses of requests, challenges, rights transfer at 18 and tutors, and of the office's pages."""

from django.urls import URLPattern, path

from homeroom.portal.membership.challenges import office_views as challenge_office_views
from homeroom.portal.membership.challenges import views as challenge_views
from homeroom.portal.membership.choices import views as access_setting_views
from homeroom.portal.membership.codes import letter_views
from homeroom.portal.membership.codes import views as code_views
from homeroom.portal.membership.duties import substitute_views
from homeroom.portal.membership.duties import views as duty_views
from homeroom.portal.membership.eighteen import office_views as age_office_views
from homeroom.portal.membership.eighteen import views as age_views
from homeroom.portal.membership.leaving import views as inspection_views
from homeroom.portal.membership.masking import views as masking_views
from homeroom.portal.membership.people import views as people_views
from homeroom.portal.membership.requests import office_views as approval_views
from homeroom.portal.membership.requests import views as registration_views
from homeroom.portal.membership.restore import views as restoration_views
from homeroom.portal.membership.ties import apart_views
from homeroom.portal.membership.ties import views as keeping_views
from homeroom.portal.membership.tutors import views as tutor_views
from homeroom.portal.membership.two_people import administrator_views
from homeroom.portal.membership.two_people import views as two_people_views

urlpatterns: list[URLPattern] = [
    path("people", people_views.people, name="people"),
    path("people/<uuid:person>", people_views.one_person, name="one-person"),
    path("office/codes", code_views.codes, name="codes"),
    path("office/codes/<uuid:person>", code_views.addressee, name="addressee"),
    path("office/codes/<uuid:person>/print", code_views.code_letter, name="code-letter"),
    path("classes/<uuid:section>/cards", code_views.cards, name="cards"),
    path("classes/<uuid:section>/cards/change", code_views.cards_changed, name="cards-changed"),
    path("requests", registration_views.requests, name="requests"),
    path("requests/<uuid:asked>/withdraw", registration_views.withdrawn, name="request-withdrawn"),
    path("office/approvals", approval_views.approvals, name="approvals"),
    path("office/approvals/exact", approval_views.exact, name="approve-exact"),
    path("office/approvals/<uuid:asked>", approval_views.approval, name="approval"),
    path("office/approvals/<uuid:asked>/answer", approval_views.answered, name="approval-answered"),
    path("office/letters", letter_views.letters, name="letters"),
    path("office/letters/print", letter_views.letters_printed, name="letters-printed"),
    path("children/<uuid:student>/challenge", challenge_views.challenge, name="challenge"),
    path("challenges/<uuid:challenge>", challenge_views.my_challenge, name="my-challenge"),
    path("checks/<uuid:tie>", challenge_views.check, name="check"),
    path("office/challenges", challenge_office_views.challenge_list, name="challenges"),
    path("office/challenges/<uuid:challenge>", challenge_office_views.challenge_case, name="challenge-case"),
    path("office/challenges/<uuid:challenge>/decide", challenge_office_views.challenge_decided, name="challenge-decided"),
    path("office/challenges/<uuid:challenge>/write", challenge_office_views.challenge_written, name="challenge-written"),
    path("tutoring", tutor_views.tutoring, name="tutoring"),
    path("tutoring/<uuid:wanted>/withdraw", tutor_views.tutor_request_withdrawn, name="tutor-request-withdrawn"),
    path("children/<uuid:student>/tutors", tutor_views.child_tutors, name="child-tutors"),
    path("children/<uuid:student>/tutors/<uuid:wanted>/answer", tutor_views.tutor_answered, name="tutor-answered"),
    path("children/<uuid:student>/tutors/<uuid:tutoring>/end", tutor_views.tutor_ended, name="tutor-ended"),
    path("office/tutors", tutor_views.tutor_office, name="tutor-office"),
    path("office/tutors/<uuid:applied>/answer", tutor_views.application_answered, name="tutor-application-answered"),
    path("office/tutors/ties/<uuid:tutoring>/end", tutor_views.tie_ended_by_office, name="tutor-tie-ended"),
    path("office/ages", age_office_views.ages, name="ages"),
    path("office/ages/lift", age_office_views.age_lifted, name="age-lifted"),
    path("office/ages/dependence", age_office_views.dependence, name="dependence"),
    path("office/ages/soon", age_office_views.birthdays_soon, name="birthdays"),
    path("office/ages/<uuid:student>/date", age_office_views.birth_date_confirmed, name="birth-date-confirmed"),
    path("office/ages/without", age_office_views.ages_without, name="ages-without"),
    path("office/ages/letters", age_office_views.age_letters, name="age-letters"),
    path("office/ties", keeping_views.ties, name="ties"),
    path("office/ties/<uuid:student>", keeping_views.child_ties, name="child-ties"),
    path("office/ties/<uuid:student>/new", keeping_views.tie_new, name="tie-new"),
    path("office/ties/<uuid:student>/bar", apart_views.bar_new, name="bar-new"),
    path("office/ties/<uuid:student>/apart", apart_views.apart, name="apart"),
    path("office/ties/<uuid:student>/<uuid:tie>", keeping_views.tie_changed, name="tie-changed"),
    path("office/restrictions", keeping_views.restriction_list, name="restrictions"),
    path("turning-18", age_views.turning_18, name="turning-18"),
    path("turning-18/agree", age_views.agreed_at_18, name="agreed-at-18"),
    path("inspection", inspection_views.my_inspections, name="my-inspections"),
    path("inspection/withdrawal", inspection_views.inspection_withdrawn, name="inspection-withdrawn"),
    path("office/inspections/<uuid:inspection>", inspection_views.inspection_asked, name="inspection-asked"),
    path("office/inspections/answer", inspection_views.inspection_answered, name="inspection-answered"),
    path("settings/access", access_setting_views.access_choices, name="access-settings"),
    path("settings/access/preview", access_setting_views.access_preview, name="access-preview"),
    path("settings/access/choice", access_setting_views.access_choice, name="access-choice"),
    path("office/two-people", two_people_views.two_people, name="two-people"),
    path("office/two-people/<uuid:proposal>/answer", two_people_views.answer, name="proposal-answer"),
    path("office/administrators", administrator_views.administrators, name="administrators"),
    path("office/administrators/new/<uuid:person>", administrator_views.new, name="administrator-new"),
    path("office/administrators/<uuid:person>/end", administrator_views.end, name="administrator-end"),
    path("office/duties", duty_views.duties, name="duties"),
    path("office/duties/new/<uuid:person>", duty_views.new, name="duty-new"),
    path("office/duties/<uuid:duty>/end", duty_views.end, name="duty-end"),
    path("office/substitutes/new/<uuid:person>", duty_views.substitute, name="substitute-new"),
    path("office/substitutes/<uuid:substitution>/end", duty_views.substitute_end, name="substitute-end"),
    path("office/masked", masking_views.masked, name="masked"),
    path("office/masked/new/<uuid:student>", masking_views.mask_new, name="mask-new"),
    path("office/masked/<uuid:masking>/end", masking_views.mask_end, name="mask-end"),
    path("office/restoration", restoration_views.restored, name="restoration"),
    path("office/restoration/opening", restoration_views.opening_proposed, name="opening-proposed"),
    path("substitute", substitute_views.my_substitutions, name="my-substitutions"),
    path("substitute/<uuid:substituted>", substitute_views.class_names, name="class-names"),
]
