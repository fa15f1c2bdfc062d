"""What statistics say of the same elements, from the newest edition of the cluster's study."""

from __future__ import annotations

from dataclasses import dataclass

from almaz.errors import AlmazError
from almaz.web.centre.editions import edition_of, rows
from almaz.web.centre.models import Cluster


@dataclass(frozen=True)
class Measured:
    """Where the region stands among those that have the cluster, 0 to 1, and between what bounds."""

    place: float
    low: float
    high: float


def measured(cluster: Cluster) -> dict[str, Measured]:
    """By element; those that no statistic shows are not in it, nor is any where the cluster has no edition."""
    try:
        edition = edition_of(cluster)
        held = rows(edition, "potential", region=cluster.region, cluster=cluster.cluster) if edition else []
    except AlmazError:
        return {}
    return {
        row["element"]: Measured(row["place"], row["place_low"], row["place_high"])
        for row in held
        if row["place"] is not None
    }
