"""Addresses. Pages carry their language (`/ky/…`); the API and static files do not."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from almaz.web.api.answers import api
from almaz.web.centre.due import mine
from almaz.web.centre.kinds import ROOMS
from almaz.web.events.feeds import feed
from almaz.web.participants.surveys import answer_by_link

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="observatory:home")),
    path("api/", api.urls),
    *i18n_patterns(
        path("account/", include("almaz.web.accounts.urls")),
        path("studies/", include("almaz.web.studies.urls")),
        path("centre/<slug:slug>/access/", include("almaz.web.accounts.cluster_urls")),
        path("survey/<str:token>/", answer_by_link, name="survey_by_link"),
        path("mine/", mine, name="mine"),
        path("calendar/<str:token>.ics", feed, name="feed"),
        *(path("centre/<slug:slug>/", include(f"almaz.web.{room}.urls")) for room in ROOMS),
        path("centre/", include("almaz.web.centre.urls")),
        path("", include("almaz.web.observatory.urls")),  # last: a study may bear any other name
    ),
]
