"""Addresses of its own pages, under the cluster's."""

from __future__ import annotations

from django.urls import path

from almaz.web.interests import views

app_name = "interests"
urlpatterns = [
    path("board/", views.board, name="board"),
    path("requests/<int:pk>/move/", views.moved, name="move"),
    path("requests/<int:pk>/support/", views.supported, name="support"),
]
