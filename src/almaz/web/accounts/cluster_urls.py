"""Addresses of the access to one cluster."""

from __future__ import annotations

from django.urls import path

from almaz.web.accounts import people

urlpatterns = [
    path("", people.people, name="cluster_people"),
    path("invite/", people.invite, name="cluster_invite"),
    path("invitations/<int:pk>/resend/", people.resend, name="cluster_resend"),
    path("invitations/<int:pk>/revoke/", people.revoke, name="cluster_revoke"),
    path("<int:pk>/", people.change, name="cluster_role"),
    path("<int:pk>/remove/", people.remove, name="cluster_remove"),
    path("history/", people.past, name="cluster_past"),
]
