"""Addresses of its own pages, under the cluster's."""

from __future__ import annotations

from django.urls import path

from almaz.web.events import feeds, views

app_name = "events"
urlpatterns = [
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/address/", feeds.changed, name="address"),
    path("events/<int:pk>/event.ics", feeds.one, name="ics"),
    path("events/<int:pk>/day/<str:written>/", views.day, name="day"),
    path("events/<int:pk>/attendance/", views.attendance, name="attendance"),
    path("tasks/<int:pk>/status/", views.progressed, name="progress"),
]
