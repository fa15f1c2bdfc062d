"""Addresses of its own pages, under the cluster's."""

from __future__ import annotations

from django.urls import path

from almaz.web.attraction import views

app_name = "attraction"
urlpatterns = [
    path("wanted/", views.ranking, name="wanted"),
    path("wanted/<slug:name>.<slug:form>", views.figure, name="figure"),
    path("pipeline/", views.pipeline, name="pipeline"),
    path("pipeline/<int:pk>/move/", views.moved, name="move"),
    path("pipeline/<int:pk>/join/", views.joined, name="join"),
]
