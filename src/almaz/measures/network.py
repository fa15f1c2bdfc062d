"""The participants of a cluster as a network of several kinds of tie: how dense, how whole, who holds it together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]

LAYERS = ("supply", "cooperation", "competition", "membership", "knowledge")
DIRECTED = frozenset({"supply", "membership", "knowledge"})
"""Layers whose ties go from one to the other: supplier → buyer, member → body, source of knowledge → user."""


@dataclass(frozen=True)
class Network:
    """Participants and their ties, without ties of one with itself and without repetitions inside a layer.

    participants, kinds: (n,) labels; source, target: (m,) places among the participants, the smaller first in undirected layers;
    layer: (m,) labels of `layers`.
    """

    participants: tuple[str, ...]
    kinds: tuple[str, ...]
    source: Places
    target: Places
    layer: npt.NDArray[np.str_]

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that have ties, known ones first."""
        present = set(self.layer.tolist())
        return (*(name for name in LAYERS if name in present), *sorted(present.difference(LAYERS)))

    def pairs(self, layers: Iterable[str] | None = None) -> Places:
        """(m, 2) places that any of the layers (by default all) ties, each two once, the smaller first."""
        at = np.ones(self.layer.size, dtype=np.bool_) if layers is None else np.isin(self.layer, list(layers))
        tied = np.sort(np.column_stack((self.source[at], self.target[at])), axis=1)
        return np.unique(tied, axis=0).reshape(-1, 2)

    def graph(self, layers: Iterable[str] | None = None) -> Any:
        """The same ties as a graph of igraph, without direction."""
        return _graph(len(self.participants), self.pairs(layers))

    def matrix(self, layers: Iterable[str] | None = None) -> npt.NDArray[np.bool_]:
        """(n, n), symmetric: who is tied to whom by any of the layers."""
        held = np.zeros((len(self.participants),) * 2, dtype=np.bool_)
        tied = self.pairs(layers)
        held[tied[:, 0], tied[:, 1]] = held[tied[:, 1], tied[:, 0]] = True
        return held


def network(
    participants: Sequence[str],
    kinds: Sequence[str],
    source: Sequence[str],
    target: Sequence[str],
    layer: Sequence[str],
) -> Network:
    """A network from a list of participants (with their kind: firm, science, government …) and a list of ties by their labels.

    Raises ValueError naming the participant that stands twice, or the tie whose end is no participant.
    """
    place = {name: number for number, name in enumerate(participants)}
    if len(place) != len(participants) or len(kinds) != len(participants):
        raise ValueError("every participant must stand once, with one kind")
    if not len(source) == len(target) == len(layer):
        raise ValueError(f"{len(source)} sources, {len(target)} targets and {len(layer)} layers of ties")
    ties: set[tuple[str, int, int]] = set()
    for number, (one, other, kind) in enumerate(zip(source, target, layer, strict=True), start=1):
        for end in (one, other):
            if end not in place:
                raise ValueError(f"tie {number}: «{end}» is no participant")
        a, b = place[one], place[other]
        if a != b:
            ties.add((kind, a, b) if kind in DIRECTED else (kind, min(a, b), max(a, b)))
    held = sorted(ties)
    return Network(
        tuple(participants),
        tuple(kinds),
        np.array([a for _kind, a, _b in held], dtype=np.int64),
        np.array([b for _kind, _a, b in held], dtype=np.int64),
        np.array([kind for kind, _a, _b in held], dtype=np.str_),
    )


def _graph(size: int, pairs: Places) -> Any:
    from igraph import Graph  # it draws in a plotting library: seconds that only networks need

    return Graph(size, pairs.tolist())


@dataclass(frozen=True)
class LayerSummary:
    """One layer, or `all`: the ties of every layer without direction.

    density: ties over possible ties; reciprocity: share of directed ties that are returned, NaN without direction; components:
    groups that no tie joins, lone participants among them; largest: share of participants in the largest; alone: share
    without any tie; transitivity: share of two-paths that are closed, NaN without two-paths.
    """

    layer: str
    ties: int
    density: float
    reciprocity: float
    components: int
    largest: float
    alone: float
    transitivity: float


def layer_summaries(held: Network) -> tuple[LayerSummary, ...]:
    """Every layer and all together.

    Source: Wasserman and Faust (1994), ch. 4; transitivity: Newman, Watts and Strogatz (2002).
    """
    return tuple(_summary(held, name) for name in (*held.layers, "all"))


def _summary(held: Network, layer: str) -> LayerSummary:
    n = len(held.participants)
    chosen = None if layer == "all" else (layer,)
    graph = held.graph(chosen)
    directed = layer in DIRECTED
    at = held.layer == layer
    ties = int(at.sum()) if directed else graph.ecount()
    possible = n * (n - 1) / (1 if directed else 2)
    returned = set(zip(held.source[at].tolist(), held.target[at].tolist(), strict=True)) if directed else set()
    parts = graph.connected_components().sizes()
    return LayerSummary(
        layer,
        ties,
        ties / possible if possible else float("nan"),
        sum((b, a) in returned for a, b in returned) / len(returned) if returned else float("nan"),
        len(parts),
        max(parts, default=0) / n if n else float("nan"),
        sum(degree == 0 for degree in graph.degree()) / n if n else float("nan"),
        graph.transitivity_undirected(),
    )


@dataclass(frozen=True)
class Broker:
    """A participant between others: degree; betweenness: share of shortest paths between others that pass through it;
    constraint: Burt's, low = it joins those who are not joined otherwise, NaN without ties; rank by betweenness, 1 = first,
    and between which ranks it lies in 95 % of the networks in which some ties were not reported."""

    participant: str
    kind: str
    degree: int
    betweenness: float
    constraint: float
    rank: int
    rank_low: int
    rank_high: int


def brokers(
    held: Network, layers: Iterable[str] | None = None, *, unreported: float = 0.1, draws: int = 200, seed: int = 0
) -> tuple[Broker, ...]:
    """Who holds the network together, the first first; ties of the layers (by default all) without direction.

    unreported: share of ties left out at random in each of the draws, for the interval of the rank.
    Source: Freeman (1977); Burt (1992), ch. 2.
    """
    n, tied = len(held.participants), held.pairs(layers)
    graph = _graph(n, tied)
    between = _betweenness(graph)
    rng = np.random.default_rng(seed)
    ranks = np.array(
        [_ranks(_betweenness(_graph(n, tied[rng.random(len(tied)) >= unreported]))) for _draw in range(draws)]
    ).reshape(-1, n)
    low, high = (np.quantile(ranks, q, axis=0, method="nearest") if draws else _ranks(between) for q in (0.025, 0.975))
    rank, constraint, degree = _ranks(between), graph.constraint() if n else [], graph.degree()
    return tuple(
        Broker(
            held.participants[i], held.kinds[i], degree[i], float(between[i]), float(constraint[i]),
            int(rank[i]), int(min(low[i], rank[i])), int(max(high[i], rank[i])),
        )
        for i in sorted(range(n), key=lambda i: (rank[i], -degree[i], i))
    )  # fmt: skip


def _betweenness(graph: Any) -> FloatArray:
    possible = (graph.vcount() - 1) * (graph.vcount() - 2) / 2
    return np.array(graph.betweenness()) / possible if possible else np.zeros(graph.vcount())


def _ranks(values: FloatArray) -> Places:
    return np.asarray([1 + (values > value + 1e-12).sum() for value in values], dtype=np.int64)


@dataclass(frozen=True)
class Coopetition:
    """Where rivals work together.

    rivals: pairs that compete; cooperating: of these, that cooperate directly; share; triads: two rivals and a third with
    whom at least one of them cooperates; closed: of these, where both do; closed_share; expected: share of cooperating
    rivals if who competes with whom were dealt anew over the participants; low, high: its middle 95 %; p_value: two-sided.
    """

    rivals: int
    cooperating: int
    share: float
    triads: int
    closed: int
    closed_share: float
    expected: float
    low: float
    high: float
    p_value: float


def coopetition(held: Network, *, permutations: int = 999, seed: int = 0) -> Coopetition:
    """How often those who compete also cooperate: the article's mark of a cluster, competition and cooperation together.

    Source: Brandenburger and Nalebuff (1996) for the idea; chance by dealing anew the participants of one layer
    (quadratic assignment, Krackhardt 1988).
    """
    rival, partner = held.matrix(("competition",)), held.matrix(("cooperation",))
    pairs = np.argwhere(np.triu(rival, 1))
    either = np.array([int(_third(partner[a] | partner[b], a, b)) for a, b in pairs], dtype=np.int64)
    both = np.array([int(_third(partner[a] & partner[b], a, b)) for a, b in pairs], dtype=np.int64)
    together = int(partner[pairs[:, 0], pairs[:, 1]].sum()) if len(pairs) else 0
    share = together / len(pairs) if len(pairs) else float("nan")
    rng = np.random.default_rng(seed)
    chance = np.empty(permutations)
    for number in range(permutations):
        dealt = rng.permutation(len(held.participants))
        chance[number] = partner[dealt[pairs[:, 0]], dealt[pairs[:, 1]]].mean() if len(pairs) else np.nan
    expected, low, high, p = _against(share, chance)
    triads, closed = int(either.sum()), int(both.sum())
    return Coopetition(
        len(pairs), together, share, triads, closed, closed / triads if triads else float("nan"), expected, low, high, p
    )


def _third(row: npt.NDArray[np.bool_], a: int, b: int) -> int:
    """How many others are marked."""
    return int(row.sum()) - int(row[a]) - int(row[b])


def _against(observed: float, chance: FloatArray) -> tuple[float, float, float, float]:
    """Mean, middle 95 % and two-sided p-value of an observed number against chance; NaN where there is none."""
    if not chance.size or not np.isfinite(observed):
        return (float("nan"),) * 4
    low, high = np.quantile(chance, [0.025, 0.975])
    tail = min((chance >= observed - 1e-12).sum(), (chance <= observed + 1e-12).sum())
    return float(chance.mean()), float(low), float(high), float(min(1.0, 2.0 * (tail + 1) / (chance.size + 1)))


@dataclass(frozen=True)
class Isolation:
    """How far one kind of participant stands from another (obstacle c: science from firms).

    ties: between the two kinds; outside: share of the first kind's ties that go to the second; expected, low, high, p_value:
    that share if the kinds were dealt anew over the same ties; first_alone, second_alone: share of each kind without any
    tie to the other; reach: share of the second kind that some path joins to the first; steps: mean length of the
    shortest such path.
    """

    first: str
    second: str
    ties: int
    outside: float
    expected: float
    low: float
    high: float
    p_value: float
    first_alone: float
    second_alone: float
    reach: float
    steps: float


def isolation(
    held: Network,
    first: str = "science",
    second: str = "firm",
    *,
    layers: Iterable[str] = ("knowledge", "cooperation"),
    permutations: int = 999,
    seed: int = 0,
) -> Isolation:
    """Whether science and firms (or any two kinds) are tied less than chance would tie them.

    NaN where a kind has no participant or the first kind no tie. Source: after Krackhardt and Stern's (1988) E–I index.
    """
    kinds, tied = np.array(held.kinds), held.matrix(layers)
    one, other = kinds == first, kinds == second

    def outside(a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> float:
        ends = tied[a].sum()
        return float(tied[np.ix_(a, b)].sum() / ends) if ends else float("nan")

    rng = np.random.default_rng(seed)
    dealt = [rng.permutation(kinds) for _permutation in range(permutations)]
    chance = np.array([outside(kind == first, kind == second) for kind in dealt])
    share = outside(one, other)
    between = tied[np.ix_(one, other)]
    graph = held.graph(layers)
    steps = np.full(int(other.sum()), np.inf)
    if one.any() and other.any():
        steps = np.array(graph.distances(np.flatnonzero(one).tolist(), np.flatnonzero(other).tolist())).min(axis=0)
    joined = np.isfinite(steps)
    expected, low, high, p_value = _against(share, chance[np.isfinite(chance)])
    alone = [float((~between.any(axis=axis)).mean()) if between.size else float("nan") for axis in (1, 0)]
    return Isolation(
        first,
        second,
        int(between.sum()),
        share,
        expected,
        low,
        high,
        p_value,
        alone[0],
        alone[1],
        float(joined.mean()) if joined.size else float("nan"),
        float(steps[joined].mean()) if joined.any() else float("nan"),
    )


@dataclass(frozen=True)
class LayerOverlap:
    """Two layers on the same pairs: shared pairs; jaccard: shared over either; correlation of the two, and its two-sided p-value
    when one layer's participants are dealt anew."""

    first: str
    second: str
    shared: int
    jaccard: float
    correlation: float
    p_value: float


def layer_overlaps(held: Network, *, permutations: int = 999, seed: int = 0) -> tuple[LayerOverlap, ...]:
    """Every two layers, without direction: do the same ties carry both? Source: Krackhardt (1988), quadratic assignment."""
    n = len(held.participants)
    upper = np.triu_indices(n, 1)
    found = []
    for place, first in enumerate(held.layers):
        one = held.matrix((first,))
        for second in held.layers[place + 1 :]:
            other, rng = held.matrix((second,)), np.random.default_rng(seed)
            observed = _correlation(one[upper], other[upper])
            chance = np.empty(permutations)
            for number in range(permutations):
                dealt = rng.permutation(n)
                chance[number] = _correlation(one[upper], other[np.ix_(dealt, dealt)][upper])
            shared, either = int((one & other)[upper].sum()), int((one | other)[upper].sum())
            p = _against(observed, chance)[3]
            found.append(LayerOverlap(first, second, shared, shared / either if either else float("nan"), observed, p))
    return tuple(found)


def _correlation(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    a, b = float(one.mean()), float(other.mean())
    spread = np.sqrt(a * (1.0 - a) * b * (1.0 - b))
    return float(((one & other).mean() - a * b) / spread) if spread > 0.0 else float("nan")


@dataclass(frozen=True)
class Introduction:
    """Two participants without a tie who share partners. shared: how many; score: Σ 1 / ln k over the partners they share, k the
    number of such a partner's ties: one who knows few says more than one who knows everyone."""

    first: str
    second: str
    shared: int
    score: float


def introductions(held: Network, layers: Iterable[str] | None = None, *, most: int = 20) -> tuple[Introduction, ...]:
    """The pairs most likely to gain by being introduced, the first first: no tie yet, and partners in common.

        score[x, y] = Σ_{z ∈ N(x) ∩ N(y)} 1 / ln |N(z)|

    layers: the ties that count, by default all without competition (rivals are not introduced by their rival).
    Source: Adamic and Adar (2003); Liben-Nowell and Kleinberg (2007) for ties not there yet.
    """
    tied = held.matrix([name for name in held.layers if name != "competition"] if layers is None else layers)
    degree = tied.sum(axis=1)
    weight = np.where(degree > 1, 1.0 / np.log(np.maximum(degree, 2)), 0.0)
    score = (tied * weight) @ tied.astype(np.float64)
    shared = tied.astype(np.int64) @ tied.astype(np.int64)
    any_tie = held.matrix()
    first, second = np.nonzero(np.triu((shared > 0) & ~any_tie, 1))
    order = np.lexsort((second, first, -np.round(score[first, second], 12)))[:most]
    return tuple(
        Introduction(held.participants[a], held.participants[b], int(shared[a, b]), float(score[a, b]))
        for a, b in zip(first[order].tolist(), second[order].tolist(), strict=True)
    )
