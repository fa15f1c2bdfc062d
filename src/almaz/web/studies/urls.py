"""Addresses of studies."""

from __future__ import annotations

from django.urls import path

from almaz.web.studies import columns, running, views

app_name = "studies"
urlpatterns = [
    path("", views.listed, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.shown, name="shown"),
    path("<int:pk>/files/", views.files, name="files"),
    path("<int:pk>/files/<int:file>/", views.file, name="file"),
    path("<int:pk>/files/<int:file>/remove/", views.remove, name="remove"),
    path("<int:pk>/suggest/", views.suggest, name="suggest"),
    path("<int:pk>/columns/<int:number>/", columns.mapped, name="columns"),
    path("<int:pk>/columns/<int:number>/preview/", columns.preview, name="preview"),
    path("<int:pk>/text/", views.text, name="text"),
    path("<int:pk>/history/", views.history, name="history"),
    path("<int:pk>/history/<int:state>/", views.undo, name="undo"),
    path("<int:pk>/run/", running.start, name="start"),
    path("<int:pk>/runs/<int:run>/", running.run, name="run"),
    path("<int:pk>/runs/<int:run>/cancel/", running.cancel, name="cancel"),
    path("<int:pk>/runs/<int:run>/publish/", views.publish, name="publish"),
    path("<int:pk>/runs/<int:run>/report/<slug:language>/", views.report, name="report"),
    path("<int:pk>/problems/", running.problems, name="problems"),
    path("<int:pk>/problems/place/", running.place, name="place"),
    path("<int:pk>/problems/export.<slug:form>", running.problems_file, name="problems_file"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/restore/", views.restore, name="restore"),
]
