"""Addresses. Pages carry their language (`/ky/…`); the API and static files do not."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from almaz.web.centre.kinds import ROOMS

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="centre:home")),
    *i18n_patterns(
        path("account/", include("almaz.web.accounts.urls")),
        path("studies/", include("almaz.web.studies.urls")),
        path("centre/<slug:slug>/access/", include("almaz.web.accounts.cluster_urls")),
        *(path("centre/<slug:slug>/", include(f"almaz.web.{room}.urls")) for room in ROOMS),
        path("centre/", include("almaz.web.centre.urls")),
    ),
]
