"""Paths of the privacy office."""

from django.urls import URLPattern, path

from homeroom.portal.privacy import views
from homeroom.portal.privacy.consents import views as consent_views
from homeroom.portal.privacy.corrections import letter_views
from homeroom.portal.privacy.corrections import views as correction_views
from homeroom.portal.privacy.queue import views as queue_views

urlpatterns: list[URLPattern] = [
    path("children/<uuid:student>/everything", views.everything, name="everything-kept"),
    path("children/<uuid:student>/everything/download", views.download, name="everything-download"),
    path("children/<uuid:student>/corrections", correction_views.corrections, name="corrections"),
    path("children/<uuid:student>/corrections/<uuid:which>/letter", letter_views.own_letter, name="own-hearing-letter"),
    path("children/<uuid:student>/sharing", consent_views.sharing, name="sharing"),
    path("children/<uuid:student>/sharing/back", consent_views.shared_again, name="shared-again"),
    path("children/<uuid:student>/sharing/consents", consent_views.consent_signed, name="consent-signed"),
    path("office/requests", queue_views.requests, name="record-requests"),
    path("office/corrections/<uuid:which>", correction_views.case, name="correction-case"),
    path("office/corrections/<uuid:which>/answer", correction_views.answered, name="correction-answered"),
    path("office/corrections/<uuid:which>/letter", letter_views.case_letter, name="hearing-letter"),
]
