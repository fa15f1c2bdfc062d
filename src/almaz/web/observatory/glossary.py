"""The terms of the house in three languages, and what every figure on a page is and how it is made."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from almaz.language import text as _


@dataclass(frozen=True)
class Entry:
    """What a figure is. page: of the documentation, where its method is told in full."""

    name: str
    title: str
    about: str
    page: str


@lru_cache
def terms() -> list[dict[str, str]]:
    """The terms: name, en, ru, ky."""
    written = (files("almaz.web.observatory") / "glossary.toml").read_text(encoding="utf-8")
    held: list[dict[str, str]] = tomllib.loads(written)["term"]
    return held


def entries() -> list[Entry]:
    """Every figure of the pages in the language in use, the commonest first."""
    return [*_of_portfolio(), *_of_certainty(), *_of_rooms()]


def _of_portfolio() -> list[Entry]:
    return [
        Entry("location-quotient", _("location quotient"), _("How many times larger the cluster's share is in the region than in the country. 1 is the country's average. LQ = (x / region) / (country's x / country). Florence (1939)."), "methods/portfolio"),
        Entry("size", _("size"), _("The activity of the cluster in the region: the sum over its industries of the study's measure, employment for example. Hidden cells are filled with estimates that agree with every published total; the interval says what else is possible."), "methods/hidden_cells"),
        Entry("cluster-strength", _("cluster strength"), _("Share of the region's traded activity that is in its strong traded clusters (U.S. Cluster Mapping)."), "methods/portfolio"),
        Entry("strong-cluster", _("strong cluster"), _("A traded cluster whose location quotient is in the top quarter of regions and at least 1, with more employment and establishments than the lowest quarter has (U.S. Cluster Mapping). Two other rules judge beside it."), "methods/portfolio"),
        Entry("rank", _("rank"), _("The place of the region among all regions by location quotient; in brackets the places that are possible, given what is hidden."), "methods/portfolio"),
        Entry("share", _("share"), _("Of the region: the cluster's part of the region's activity. Of the country's cluster: the region's part of the cluster in the country."), "methods/portfolio"),
        Entry("growth", _("growth"), _("Change of size from the first to the last year. It is parted into the country's growth, the mix of industries and the region's own (shift-share, Dunn 1960)."), "methods/portfolio"),
        Entry("type", _("type"), _("A cluster has rivals inside and sells outside. A territorial production complex sells outside but lacks rivals. Where the data do not say, the type is unknown."), "methods/portfolio"),
    ]  # fmt: skip


def _of_certainty() -> list[Entry]:
    return [
        Entry("hidden-share", _("hidden share"), _("The part of a figure that the office does not publish, to protect single firms, and that is therefore estimated. Marks with more than a tenth hidden are hollow."), "methods/hidden_cells"),
        Entry("hidden-bounds", _("what hidden cells allow"), _("Offices hide figures of few firms. A hidden cell is an interval, never a zero; its bounds follow from the published totals around it and are carried to every quotient."), "methods/hidden_cells"),
        Entry("interval", _("interval"), _("What the quotient could be by chance: a profile-likelihood interval in which establishments, not employees, are the independent draws."), "methods/portfolio"),
        Entry("chance", _("chance that LQ ≥ 1"), _("How likely it is, by the same likelihood, that the region is at least as specialised as the country."), "methods/portfolio"),
        Entry("p-value", _("p-value"), _("How often chance alone would give a figure as far from the ordinary. Small: chance is a poor explanation."), "methods/places"),
    ]  # fmt: skip


def _of_rooms() -> list[Entry]:
    return [
        Entry("diamond", _("the diamond"), _("Four corners of a region's competitiveness, each 1 to 100 against goalposts that stay where they are. The score is their geometric mean: a weak corner is not bought off by a strong one. The area of the shape is never a score."), "methods/diamond"),
        Entry("potential", _("cluster potential"), _("Four conditions, six preconditions, two favouring factors and five obstacles for every candidate, measured where statistics allow, judged with evidence where not, unknown otherwise."), "methods/potential"),
        Entry("relatedness", _("relatedness"), _("Industries and clusters are related that are found in the same regions, trade with each other or need the same occupations. The larger the figure, the closer they are."), "methods/relatedness"),
        Entry("closeness", _("closeness"), _("How near a cluster is to what a region already has: the share of what its missing industries are related to that is there, set against all that the region lacks and against other regions."), "methods/relatedness"),
        Entry("chain", _("value chain"), _("What a cluster buys, from whom, and how much of it the region can make itself, from the country's input–output table and the region's location quotients; the gap is what it buys outside."), "methods/chains"),
        Entry("neighbours", _("neighbours"), _("Regions that share a border. Local Moran's I says where neighbours are alike, or unlike, beyond chance."), "methods/places"),
    ]  # fmt: skip


TERMS = {
    "size": "size", "lq": "location-quotient", "lq_ci": "interval", "lq_bounds": "hidden-bounds", "p_lq_above_1": "chance", "rank": "rank",
    "share_of_region": "share", "share_of_cluster": "share", "growth": "growth", "shift_national": "growth", "shift_mix": "growth",
    "shift_regional": "growth", "hidden_share": "hidden-share", "strength": "strong-cluster", "us_cluster_mapping": "strong-cluster",
    "european_stars": "strong-cluster", "five_factors": "strong-cluster", "type": "type", "cluster_strength": "cluster-strength",
    "strong_clusters": "strong-cluster", "score": "diamond", "contribution": "diamond", "relatedness": "relatedness", "percentile": "closeness",
    "near": "closeness", "present": "closeness", "p_value": "p-value", "gap": "chain", "inside": "chain", "purchases": "chain", "status": "potential",
    "said": "potential", "certainty": "hidden-bounds", "sampling": "chance", "lag": "neighbours",
}  # fmt: skip
"""Name of a column → the entry that says what it is."""
