"""What families ask for, and challenge; the office's pages: requests, challenges, codes, two people, administrators, duties; and substitutes."""

from django.urls import URLPattern, path

from homeroom.portal.membership import (
    administrator_views,
    approval_views,
    challenge_office_views,
    challenge_views,
    code_views,
    duty_views,
    registration_views,
    substitute_views,
    two_people_views,
)

urlpatterns: list[URLPattern] = [
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
    path("children/<uuid:student>/challenge", challenge_views.challenge, name="challenge"),
    path("challenges/<uuid:challenge>", challenge_views.my_challenge, name="my-challenge"),
    path("checks/<uuid:tie>", challenge_views.check, name="check"),
    path("office/challenges", challenge_office_views.challenge_list, name="challenges"),
    path("office/challenges/<uuid:challenge>", challenge_office_views.challenge_case, name="challenge-case"),
    path("office/challenges/<uuid:challenge>/decide", challenge_office_views.challenge_decided, name="challenge-decided"),
    path("office/challenges/<uuid:challenge>/write", challenge_office_views.challenge_written, name="challenge-written"),
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
    path("substitute", substitute_views.my_substitutions, name="my-substitutions"),
    path("substitute/<uuid:substituted>", substitute_views.class_names, name="class-names"),
]
