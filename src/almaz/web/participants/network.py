"""The participants of a cluster as a network, and its figures (measures.network, report.network)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from almaz.language import language
from almaz.measures.network import DIRECTED, Network, network
from almaz.report.network import figures
from almaz.report.network_measures import measured
from almaz.report.section import Figure
from almaz.web.centre.models import Cluster
from almaz.web.participants.models import Organisation, Sort, Status, Tie

KINDS = {str(Sort.UNIVERSITY): "science", str(Sort.AUTHORITY): "government"}
"""Sorts that the measures call otherwise; the rest are called the same."""
KEPT = 24 * 3600
"""Seconds that a network's figures are kept: they change only with it."""


@dataclass(frozen=True)
class Tied:
    """A network and who in it told nothing of its ties; organisations: in the network's order."""

    network: Network
    silent: frozenset[str]
    organisations: tuple[Organisation, ...]


def tied(cluster: Cluster, layers: Sequence[str] = (), sorts: Sequence[str] = ()) -> Tied:
    """Who takes part and how they are tied now. layers, sorts: only these kinds of tie and of organisation, by default all."""
    chosen = Organisation.of(cluster).filter(status=Status.ACTIVE).order_by("name", "pk")
    organisations = list(chosen.filter(sort__in=sorts) if sorts else chosen)
    labels = _labels(organisations)
    source, target, layer = [], [], []
    for tie in Tie.of(cluster).filter(source__in=labels, target__in=labels).order_by("pk"):
        if layers and tie.layer not in layers:
            continue
        ends = (labels[tie.source_id], labels[tie.target_id])
        for one, other in (ends, ends[::-1]) if tie.mutual and tie.layer in DIRECTED else (ends,):
            source.append(one)
            target.append(other)
            layer.append(str(tie.layer))
    kinds = [KINDS.get(str(one.sort), str(one.sort)) for one in organisations]
    held = network([labels[one.pk] for one in organisations], kinds, source, target, layer)
    silent = frozenset(labels[one.pk] for one in organisations if one.ties_told is None)
    return Tied(held, silent, tuple(organisations))


def _labels(organisations: Sequence[Organisation]) -> dict[int, str]:
    """Key → name; a name that two bear gets a number."""
    labels: dict[int, str] = {}
    seen: dict[str, int] = {}
    for one in organisations:
        name = str(one)
        seen[name] = seen.get(name, 0) + 1
        labels[one.pk] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return labels


def network_figures(held: Tied) -> list[Figure]:
    """The picture, its layers, and what else is measured; made once for each state of the network and language."""
    one = held.network
    told = repr(
        (one.participants, one.kinds, one.source.tolist(), one.target.tolist(), one.layer.tolist(), held.silent)
    )
    key = f"network-{language()}-{hashlib.sha256(told.encode()).hexdigest()[:32]}"
    found: list[Figure] | None = cache.get(key)
    if found is None:
        found = [*figures(one, held.silent), *measured(one)]
        cache.set(key, found, KEPT)
    return found
