"""Where a cluster could grow: the regions that are close to it by what they have, and weak in it."""

from __future__ import annotations

import pyarrow as pa

from almaz.language import count
from almaz.language import text as _
from almaz.report.section import Figure, Section
from almaz.web.observatory.reading import Reading

MOST = 100


def ground_sections(reading: Reading, cluster: str) -> list[Section]:
    """Regions in order of closeness to the cluster, those first in which it is still weak."""
    names = reading.names("regions")
    rows = [
        row for row in reading.part(cluster=cluster).table("opportunities").to_pylist() if row["percentile"] is not None
    ]
    chosen = sorted(rows, key=lambda row: (not row["open"], -row["percentile"]))[:MOST]
    table = pa.table(
        {
            "region": [names.get(row["region"], row["region"]) for row in chosen],
            "open": [_("white space") if row["open"] else "" for row in chosen],
            **{name: pa.array([row[name] for row in chosen], pa.float64()) for name in ("percentile", "lq", "present", "expected_entries")},
        }
    )  # fmt: skip
    figure = Figure(
        "ground",
        _("Regions that are close to it, and weak in it"),
        table,
        {
            "region": _("region"), "open": _("verdict"), "percentile": _("regions that are less close"), "lq": _("location quotient"),
            "present": _("industries that it has"), "expected_entries": _("expected entries in a period"),
        },
        None,
        {"percentile": "percent", "present": "percent"},
        _("White space: close to what the region has, and weak there: a place to look first, not a forecast of success. The first {number}.", number=count(len(chosen))),
        wide=True,
    )  # fmt: skip
    return [Section("ground", _("Where it could grow"), "", (figure,))]
