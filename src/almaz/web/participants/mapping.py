"""Where the participants are: their seats and places as points, over the borders of the cluster's edition where it has them."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import shapely

from almaz.language import text as _
from almaz.report import charts
from almaz.report.network import KIND_SHAPES
from almaz.report.section import Figure
from almaz.web.centre.access import Access
from almaz.web.centre.editions import edition_of
from almaz.web.participants.models import Organisation, Place, Status

BORDERS = 400
"""Regions up to which the borders are drawn below the points: more would weigh more than the page."""


def map_figure(access: Access) -> tuple[Figure | None, int]:
    """The map with its table, and how many organisations have no place on it; no map where none has."""
    rows = _points(access)
    without = Organisation.of(access.cluster).filter(status=Status.ACTIVE, latitude=None).count()
    if not rows:
        return None, without
    table = pa.Table.from_pylist(rows)
    headings = {
        "organisation": _("organisation"), "what": _("what is there"), "sort": _("sort"), "place": _("place"),
        "latitude": _("latitude"), "longitude": _("longitude"), "employment": _("employment"),
    }  # fmt: skip
    figure = Figure(
        "participants-map", _("Where the participants are"), table, headings, chart=_chart(access, rows),
        formats={"latitude": "fine", "longitude": "fine"}, wide=True,
        hint=_("Filled: seats of organisations. Hollow: their other places. Choose a sort in the legend to see it alone."),
    )  # fmt: skip
    return figure, without


def _points(access: Access) -> list[dict[str, Any]]:
    seats = Organisation.of(access.cluster).filter(status=Status.ACTIVE).exclude(latitude=None).exclude(longitude=None)
    places = Place.of(access.cluster).filter(organisation__status=Status.ACTIVE, organisation__deleted=None)
    rows = [
        {"organisation": str(one), "what": _("seat"), "sort": one.get_sort_display(), "place": one.place,
         "latitude": one.latitude, "longitude": one.longitude, "employment": one.employment, "seat": True}
        for one in seats
    ]  # fmt: skip
    rows += [
        {"organisation": str(one.organisation), "what": one.name, "sort": one.organisation.get_sort_display(),
         "place": one.address, "latitude": one.latitude, "longitude": one.longitude, "employment": one.employment,
         "seat": False}
        for one in places.exclude(latitude=None).exclude(longitude=None).select_related("organisation")
    ]  # fmt: skip
    return rows


def _chart(access: Access, rows: list[dict[str, Any]]) -> dict[str, Any]:
    sorts = sorted({row["sort"] for row in rows})
    picked = alt.selection_point(fields=["sort"], bind="legend", name="map_sort")
    points = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_point(strokeWidth=1.6, stroke=charts.INK, size=120, filled=True)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            shape=alt.Shape(
                "sort:N",
                title=_("sort"),
                legend=alt.Legend(columns=3, labelLimit=220),
                scale=alt.Scale(domain=sorts, range=[KIND_SHAPES[i % len(KIND_SHAPES)] for i in range(len(sorts))]),
            ),
            fill=alt.condition("datum.seat", alt.value(charts.STRONG), alt.value("#ffffff")),
            opacity=alt.condition(picked, alt.value(0.95), alt.value(0.08)),
            tooltip=[
                alt.Tooltip("organisation:N", title=_("organisation")),
                alt.Tooltip("what:N", title=_("what is there")),
                alt.Tooltip("place:N", title=_("place")),
                alt.Tooltip("employment:Q", title=_("employment")),
            ],
        )
        .add_params(picked)
    )
    borders = _borders(access, rows)
    drawn = points if borders is None else alt.layer(borders, points)
    return charts.themed(drawn.properties(height=480).project(type="mercator"))


def _borders(access: Access, rows: list[dict[str, Any]]) -> alt.Chart | None:
    """The regions of the edition near the points."""
    edition = edition_of(access.cluster)
    geometry = edition.geometry if edition else None
    if not geometry or geometry.get("type") != "FeatureCollection":
        return None
    at = np.array([(row["longitude"], row["latitude"]) for row in rows])
    margin = np.maximum(np.ptp(at, axis=0) * 0.15, 0.25)
    near = shapely.box(*(at.min(axis=0) - margin), *(at.max(axis=0) + margin))
    kept = [
        one["geometry"]
        for one in geometry["features"]
        if shapely.intersects(near, shapely.geometry.shape(one["geometry"]))
    ]
    if not 0 < len(kept) <= BORDERS:
        return None
    shapes = [{"type": "Feature", "geometry": one, "properties": {}} for one in kept]
    return alt.Chart(alt.InlineData(values=shapes)).mark_geoshape(fill="#eef1f3", stroke="#9aa5b1", strokeWidth=0.7)
