"""The pages of the door process."""

from django.urls import URLPattern, URLResolver, path

from homeroom.portal.door import again_views, code_views, factor_views, news_views, second_views, views

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
    path("sign-in/code", code_views.code_page, name="code"),
    path("sign-in/code/password", code_views.password_page, name="code-password"),
    path("sign-in/enrol", factor_views.enrol, name="enrol"),
    path("account", views.account, name="account"),
    path("account/factors", factor_views.factors, name="factors"),
    path("account/factors/add", factor_views.factor_add, name="factor-add"),
    path("account/factors/codes", factor_views.new_codes, name="new-codes"),
    path("account/factors/<uuid:factor>", factor_views.factor, name="factor"),
    path("account/sign-out", views.sign_out, name="sign-out"),
]
