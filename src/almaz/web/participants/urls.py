"""Addresses of its own pages, under the cluster's."""

from __future__ import annotations

from django.urls import path

from almaz.web.participants import surveys, views

app_name = "participants"
urlpatterns = [
    path("network/", views.network, name="network"),
    path("network/<slug:name>.<slug:form>", views.network_figure, name="network_figure"),
    path("map/", views.on_the_map, name="map"),
    path("map/<slug:name>.<slug:form>", views.map_file, name="map_figure"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/<int:first>/<int:second>/", views.merged, name="merge"),
    path("duplicates/<int:first>/<int:second>/two/", views.told_apart, name="told_apart"),
    path("surveys/<int:pk>/close/", surveys.closed, name="survey_close"),
    path("surveys/<int:pk>/send/", surveys.sent, name="survey_send"),
    path("surveys/<int:pk>/links.xlsx", surveys.links, name="survey_links"),
    path("surveys/<int:pk>/answer/", surveys.member_answer, name="survey_answer"),
    path("surveys/<int:pk>/<slug:name>.<slug:form>", surveys.result_file, name="survey_figure"),
]
