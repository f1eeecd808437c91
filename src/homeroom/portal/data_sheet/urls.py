"""The public page about privacy and security, and the office's pages of the data sheet."""

from django.urls import URLPattern, path

from homeroom.portal.data_sheet import views

urlpatterns: list[URLPattern] = [
    path("privacy", views.privacy, name="privacy"),
    path("office/data-sheet", views.office_sheet, name="office-data-sheet"),
    path("office/data-sheet/pdf", views.office_pdf, name="data-sheet-pdf"),
]
