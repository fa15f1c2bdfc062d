"""Addresses of its own pages, under the cluster's."""

from __future__ import annotations

from django.urls import path

from almaz.web.conflicts import views

app_name = "conflicts"
urlpatterns = [path("conflicts/<int:pk>/move/", views.moved, name="move")]
