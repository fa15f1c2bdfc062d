"""Addresses of its own pages, under the cluster's."""

from __future__ import annotations

from django.urls import path

from almaz.web.evidence import views

app_name = "evidence"
urlpatterns = [
    path("evidence/", views.board, name="board"),
    path("obstacles/", views.obstacles, name="obstacles"),
    path("evidence/forms.zip", views.forms, name="forms"),
]
