"""Addresses of the workspace. The apps' own pages come before the kinds, whose names they may not take."""

from __future__ import annotations

from django.urls import path

from almaz.web.centre import imports, records, views

app_name = "centre"
urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.founded, name="founded"),
    path("<slug:slug>/", views.overview, name="overview"),
    path("<slug:slug>/settings/", views.settings, name="settings"),
    path("<slug:slug>/bin/", records.binned, name="bin"),
    path("<slug:slug>/changes/", imports.changed, name="changes"),
    path("<slug:slug>/changes/<slug:mark>/undo/", imports.taken_back, name="undo_change"),
    path("<slug:slug>/<slug:kind>/", records.listed, name="list"),
    path("<slug:slug>/<slug:kind>/new/", records.edited, name="new"),
    path("<slug:slug>/<slug:kind>/import/", imports.imported, name="import"),
    path("<slug:slug>/<slug:kind>/import/template.xlsx", imports.template, name="template"),
    path("<slug:slug>/<slug:kind>/import/<slug:token>/", imports.kept, name="keep"),
    path("<slug:slug>/<slug:kind>/export.<slug:form>", records.exported, name="export"),
    path("<slug:slug>/<slug:kind>/<int:pk>/", records.shown, name="shown"),
    path("<slug:slug>/<slug:kind>/<int:pk>/edit/", records.edited, name="edit"),
    path("<slug:slug>/<slug:kind>/<int:pk>/delete/", records.deleted, name="delete"),
    path("<slug:slug>/<slug:kind>/<int:pk>/restore/", records.restored, name="restore"),
    path("<slug:slug>/<slug:kind>/<int:pk>/history/", records.history, name="history"),
    path("<slug:slug>/<slug:kind>/<int:pk>/undo/<int:state>/", records.undone, name="undo"),
    path("<slug:slug>/<slug:kind>/<int:pk>/file/<slug:field>/", records.attachment, name="file"),
]
