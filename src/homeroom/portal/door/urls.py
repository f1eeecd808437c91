"""The pages of the door process."""

from django.urls import URLPattern, URLResolver, path

from homeroom.portal.door import (
    account_views,
    again_views,
    card_views,
    code_views,
    factor_views,
    news_views,
    password_views,
    recovery_views,
    registration_views,
    second_views,
    support_views,
    username_views,
    views,
)

handler400 = "homeroom.portal.access.answers.not_understood"
handler403 = "homeroom.portal.access.answers.not_found"
handler404 = "homeroom.portal.access.answers.not_found"
handler500 = "homeroom.portal.access.answers.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in", views.sign_in_page, name="sign-in"),
    path("sign-in/second", second_views.second_page, name="second-step"),
    path("sign-in/passkey", second_views.passkey_page, name="passkey-sign-in"),
    path("sign-in/again", again_views.again, name="again"),
    path("account/news", news_views.news, name="news"),
    path("account/news/stop-reset", news_views.stop, name="stop-reset"),
    path("sign-in/code", code_views.code_page, name="code"),
    path("sign-in/code/password", code_views.password_page, name="code-password"),
    path("sign-in/enrol", factor_views.enrol, name="enrol"),
    path("sign-in/other-side", account_views.other_side, name="other-side"),
    path("account", account_views.account, name="account"),
    path("account/sessions/end", account_views.end_one, name="end-session"),
    path("account/sessions/end-others", account_views.end_others, name="end-other-sessions"),
    path("sign-in/card", card_views.card_page, name="card"),
    path("sign-in/register", registration_views.register_page, name="register"),
    path("sign-in/student", registration_views.student_page, name="student-registration"),
    path("sign-in/tutor", registration_views.tutor_page, name="tutor-application"),
    path("sign-in/help", recovery_views.help_page, name="sign-in-help"),
    path("account/email", recovery_views.email_page, name="email"),
    path("account/username", username_views.username, name="username"),
    path("account/password", password_views.password, name="password"),
    path("account/factors", factor_views.factors, name="factors"),
    path("account/factors/add", factor_views.factor_add, name="factor-add"),
    path("account/factors/codes", factor_views.new_codes, name="new-codes"),
    path("account/factors/<uuid:factor>", factor_views.factor, name="factor"),
    path("support/register", support_views.code_page, name="support-register"),
    path("support/register/passkey", support_views.passkey_page, name="support-passkey"),
    path("support/sign-in", support_views.sign_in_page, name="support-sign-in"),
    path("support/sign-out", support_views.sign_out_page, name="support-sign-out"),
    path("account/sign-out", views.sign_out, name="sign-out"),
]
