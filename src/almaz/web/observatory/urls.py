"""Addresses of the observatory. They stay: `e/<edition>/…` always shows that edition, `<study>/…` the newest of the study."""

from __future__ import annotations

from django.urls import include, path, register_converter

from almaz.web.observatory import downloads, figures, maps, views
from almaz.web.observatory.converters import Code

register_converter(Code, "code")

PLACES = ("region/<code:region>/", "cluster/<code:cluster>/", "country/")
FORMS = "<slug:figure>.<slug:form>"
pages = [
    path("", views.study, name="study"),
    path("regions/", views.listed, {"kind": "region"}, name="regions"),
    path("clusters/", views.listed, {"kind": "cluster"}, name="clusters"),
    path("compare/", views.compare, name="compare"),
    path("compare/figure/<slug:figure>/", figures.of_comparison, name="comparison_figure"),
    path(f"compare/figure/{FORMS}", figures.of_comparison, name="comparison_file"),
    path("data/", views.data, name="data"),
    path("data/<slug:table>.<slug:form>", downloads.table, name="table"),
    path("map/<int:level>.json", maps.sheet, name="sheet"),
    path("map/values.json", maps.values, name="values"),
    path("map.<slug:form>", maps.picture, name="map"),
    path("region/<code:region>/", views.place, {"room": ""}, name="region"),
    path("cluster/<code:cluster>/", views.place, {"room": ""}, name="cluster"),
    *(
        one
        for place, kind in zip(PLACES, ("region", "cluster", "country"), strict=True)
        for one in (
            path(f"{place}figure/<slug:figure>/", figures.of_place, {"room": ""}, name=f"{kind}_figure"),
            path(f"{place}figure/{FORMS}", figures.of_place, {"room": ""}, name=f"{kind}_file"),
            path(f"{place}<slug:room>/", views.place, name=f"{kind}_room"),
            path(f"{place}<slug:room>/figure/<slug:figure>/", figures.of_place, name=f"{kind}_room_figure"),
            path(f"{place}<slug:room>/figure/{FORMS}", figures.of_place, name=f"{kind}_room_file"),
        )
    ),
]

app_name = "observatory"
urlpatterns = [
    path("", views.home, name="home"),
    path("editions/", views.editions, name="editions"),
    path("search/", views.search, name="search"),
    path("glossary/", views.glossary, name="glossary"),
    path("e/<slug:edition>/", include(pages)),
    path("<slug:study>/", include(pages)),
]
