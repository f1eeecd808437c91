"""Every page of the web process. Each room lists its own, and home has the top level."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "homeroom.portal.access.answers.not_understood"
handler403 = "homeroom.portal.access.answers.not_found"
handler404 = "homeroom.portal.access.answers.not_found"
handler500 = "homeroom.portal.access.answers.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("homeroom.portal.home.urls")),
    path("", include("homeroom.portal.audit.urls")),
    path("", include("homeroom.portal.membership.urls")),
    path("", include("homeroom.portal.grades.urls")),
    path("", include("homeroom.portal.attendance.urls")),
    path("", include("homeroom.portal.news.urls")),
    path("", include("homeroom.portal.events.urls")),
    path("", include("homeroom.portal.intake.urls")),
    path("", include("homeroom.portal.support.urls")),
    path("", include("homeroom.portal.privacy.urls")),
    path("", include("homeroom.portal.incidents.urls")),
    path("", include("homeroom.portal.data_sheet.urls")),
]
