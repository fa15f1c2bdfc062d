"""The room of relatedness in an edition: what belongs together, how complex it is, what could come next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.definition import ClusterDefinition
from almaz.clusters.industry_space import industry_space
from almaz.clusters.opportunity import Entry, entry, white_space
from almaz.clusters.related import RelatedClusters, RelatedOptions, cluster_tree, related_clusters
from almaz.clusters.similarity import Places, Similarities, places, similarities
from almaz.clusters.validation import score_all
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.measures.complexity import economic_complexity, fitness
from almaz.measures.presence import presence_matrix
from almaz.measures.relatedness import input_output_relatedness, occupation_correlation
from almaz.measures.specialisation import location_quotient
from almaz.study.chains import activity_codes, read_table
from almaz.study.chains_section import ChainsSection
from almaz.study.measured import Measured
from almaz.study.relatedness_section import RelatednessSection
from almaz.tables.activity import Activity
from almaz.tables.concordance import read_concordance
from almaz.tables.industry_pairs import carried_by_codes, read_borrowed, read_occupations

FloatArray = npt.NDArray[np.float64]
Tell = Callable[[str], None]
MISSING_SHOWN = 40
"""Missing industries named per region, the likeliest first."""


@dataclass(frozen=True)
class _Ground:
    """industries, columns: codes and columns in the activity; held: what relatedness by place is computed from, None where
    the data do not have it whole; clusters, membership: of the definition, over these industries."""

    activity: Activity
    industries: tuple[str, ...]
    columns: npt.NDArray[np.intp]
    held: Places | None
    clusters: tuple[str, ...]
    membership: FloatArray
    measure: str

    @property
    def labels(self) -> npt.NDArray[np.intp]:
        """The cluster of each industry, the one it belongs to most."""
        return np.where(self.membership.any(axis=1), self.membership.argmax(axis=1), -1).astype(np.intp)


def tables(measured: Measured, tell: Tell) -> dict[str, pa.Table]:
    """The room's tables, where the study has [relatedness]: traded clusters and their industries, the last year.

    With too few regions nothing by place is computed and `relatedness_about` says so; without any other source of relatedness
    it is the only table.
    """
    section = measured.study.relatedness
    if section is None:
        return {}
    tell(_("relating industries"))
    ground = _ground(measured)
    others = given_relatedness(section, measured.study.chains, ground.industries)
    try:
        found = similarities(ground.industries, ground.held, others, minimum_regions=section.minimum_regions)
    except AlmazError:
        regions = len(measured.activity.regions)
        return {"relatedness_about": _about(Similarities(ground.industries, {}, regions, section.minimum_regions))}
    related = related_clusters(
        found.steering, ground.membership, RelatedOptions(section.top, section.linked, section.both_ways)
    )
    made = {
        "relatedness_about": _about(found),
        "definition_scores": _scores(found, ground),
        "cluster_relatedness": _pairs(related, ground.clusters),
        **_tree(related, ground.clusters, section.families),
    }
    complexity: dict[str, FloatArray] = {}
    if found.by_place and ground.held is not None:
        tell(_("measuring complexity and what could come next"))
        complexity, more = _complexity(ground)
        made |= more | _next(measured, ground, complexity, section)
    tell(_("drawing the industry space"))
    return made | _space(found, ground, complexity, section.seed)


def given_relatedness(
    section: RelatednessSection, chains: ChainsSection | None, industries: tuple[str, ...]
) -> dict[str, FloatArray]:
    """The matrices that come from other tables than the regions': input–output (of [chains]), occupations, borrowed."""
    others: dict[str, FloatArray] = {}
    if chains is not None:
        others["input_output"] = traded_between(chains, industries)
    if section.occupations is not None:
        others["occupations"] = occupation_correlation(read_occupations(section.occupations, industries))
    if section.borrowed is not None:
        weights: Mapping[str, Mapping[str, float]] = {}
        if section.borrowed_concordance is not None:
            weights = read_concordance(section.borrowed_concordance).weights
        others["borrowed"] = read_borrowed(section.borrowed, industries, weights).matrix
    return others


def traded_between(chains: ChainsSection, industries: tuple[str, ...]) -> FloatArray:
    """Input–output relatedness of the data's industries, from the table of a study's [chains].

    Shares of all intermediate inputs, imported ones too, and of all intermediate sales, of the industries that make a
    product of their own code. (industries, industries), NaN for industries that the table does not hold.
    """
    table = read_table(chains, chains.file, chains.year)
    codes = [code for code in table.products if code in set(table.industries)]
    rows = [table.products.index(code) for code in codes]
    columns = [table.industries.index(code) for code in codes]
    ties = input_output_relatedness(
        table.flows[np.ix_(rows, columns)], table.flows[:, columns].sum(axis=0), table.flows[rows].sum(axis=1)
    )
    held = activity_codes(chains, table)
    return carried_by_codes(ties, codes, {code: held.get(code, []) for code in codes}, industries).matrix


def places_if_whole(activity: Activity, columns: npt.NDArray[np.intp], measure: str, year: int = -1) -> Places | None:
    """What relatedness by place is computed from, or None where the data do not have it whole."""
    try:
        return places(activity, columns, measure, year)
    except AlmazError:
        return None


def _ground(measured: Measured) -> _Ground:
    activity, definition = measured.activity, measured.definition
    keys, weights = definition.membership(activity.industries)
    chosen = [place for place, key in enumerate(keys) if key[2] == "traded" or not definition.published]
    membership = weights[:, chosen]
    columns = np.flatnonzero(membership.any(axis=1))
    measure = measured.study.portfolio.measure
    return _Ground(
        activity,
        tuple(activity.industries[place] for place in columns),
        columns,
        places_if_whole(activity, columns, measure),
        tuple(keys[place][0] for place in chosen),
        membership[columns],
        measure,
    )


def _about(found: Similarities) -> pa.Table:
    """One row per matrix: on what it rests and how it spreads; a row without a matrix says that regions were too few."""
    rows: list[dict[str, object]] = []
    for name, matrix in found.matrices.items():
        pairs = matrix[~np.eye(len(matrix), dtype=np.bool_)]
        known = pairs[np.isfinite(pairs)]
        rows.append(
            {
                "matrix": name,
                "reason": None,
                "industries": int(np.isfinite(matrix).any(axis=1).sum()),
                "known_share": known.size / max(pairs.size, 1),
                "mean": float(known.mean()),
                "deviation": float(known.std()),
                "regions": found.regions,
                "minimum_regions": found.minimum,
            }
        )
    if not found.by_place:
        rows.append({"reason": "few_regions", "regions": found.regions, "minimum_regions": found.minimum})
    schema = pa.schema(
        [("matrix", pa.string()), ("reason", pa.string()), ("industries", pa.int64()), ("known_share", pa.float64()),
         ("mean", pa.float64()), ("deviation", pa.float64()), ("regions", pa.int64()), ("minimum_regions", pa.int64())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _scores(found: Similarities, ground: _Ground) -> pa.Table:
    scores = score_all(found.matrices, ground.labels)
    return pa.Table.from_pylist(
        [{"matrix": name, **asdict(score), "overall": score.overall} for name, score in scores.items()]
    )


def _pairs(related: RelatedClusters, clusters: tuple[str, ...]) -> pa.Table:
    number = len(clusters)
    first, second = (place.ravel() for place in np.indices((number, number)))
    columns = {
        "cluster": pa.array(clusters).take(pa.array(first)),
        "cluster_2": pa.array(clusters).take(pa.array(second)),
        "relatedness": related.relatedness.ravel(),
        "percentile": related.percentile.ravel(),
        "linked": related.linked.ravel(),
        "linked_back": np.ascontiguousarray(related.linked.T).ravel(),
    }
    table = pa.table({name: pa.array(held, from_pandas=True) for name, held in columns.items()})
    return table.append_column("high", pa.array(related.high.ravel())).append_column(
        "related", pa.array(related.related.ravel())
    )


def _tree(related: RelatedClusters, clusters: tuple[str, ...], families: int) -> dict[str, pa.Table]:
    if len(clusters) < 3:
        return {}
    between = related.relatedness.copy()
    np.fill_diagonal(between, np.nan)
    tree = cluster_tree(between, families)
    place = np.empty(len(clusters), dtype=np.intp)
    place[tree.order] = np.arange(len(clusters))
    order = pa.table(
        {"cluster": list(clusters), "place": place, "family": tree.groups, "cut": [tree.cut] * len(clusters)}
    )
    merge, corner = (index.ravel() for index in np.indices(tree.lines.shape[:2]))
    lines = pa.table(
        {
            "merge": merge,
            "corner": corner,
            "place": tree.lines[..., 0].ravel() / 10.0 - 0.5,
            "height": tree.lines[..., 1].ravel(),
        }
    )
    return {"cluster_order": order, "cluster_tree": lines}


def _complexity(ground: _Ground) -> tuple[dict[str, FloatArray], dict[str, pa.Table]]:
    assert ground.held is not None
    present = presence_matrix(location_quotient(ground.held.main))
    found, fit = economic_complexity(present), fitness(present)
    has = np.nan_to_num(present)
    size = np.nan_to_num(ground.held.main.sum(axis=0))
    known = np.isfinite(found.pci)
    weight = ground.membership * (size * known)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        of_cluster = np.nan_to_num(found.pci) @ weight / weight.sum(axis=0)
    numbers = {"pci": found.pci, "cluster": of_cluster, "present": has}
    regions = {
        "region": list(ground.activity.regions),
        "eci": pa.array(found.eci, from_pandas=True),
        "fitness": pa.array(fit.fitness, from_pandas=True),
        "diversity": has.sum(axis=1).astype(np.int64),
        "wage": pa.array(_wage(ground), from_pandas=True),
    }
    industries = {
        "industry": list(ground.industries),
        "cluster": [ground.clusters[label] for label in ground.labels],
        "pci": pa.array(found.pci, from_pandas=True),
        "complexity": pa.array(fit.complexity, from_pandas=True),
        "ubiquity": has.sum(axis=0).astype(np.int64),
    }
    row, column = np.nonzero(has)
    return numbers, {
        "complexity_regions": pa.table(regions),
        "complexity_industries": pa.table(industries),
        "complexity_clusters": pa.table(
            {"cluster": list(ground.clusters), "pci": pa.array(of_cluster, from_pandas=True)}
        ),
        "presence": pa.table(
            {
                "region": pa.array(ground.activity.regions).take(pa.array(row)),
                "industry": pa.array(ground.industries).take(pa.array(column)),
            }
        ),
    }


def _wage(ground: _Ground) -> FloatArray:
    """Wages per employee of each region in the last year over these industries, NaN where not in the data."""
    if "wages" not in ground.activity.measures or ground.held is None or ground.held.employment is None:
        return np.full(len(ground.activity.regions), np.nan)
    wages = ground.activity.cells("wages").value[:, ground.columns, -1]
    both = ~np.isnan(wages)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(both, wages, 0.0).sum(axis=1) / (ground.held.employment * both).sum(axis=1)


def _next(
    measured: Measured, ground: _Ground, complexity: Mapping[str, FloatArray], section: RelatednessSection
) -> dict[str, pa.Table]:
    """White space, and the missing industries by their chance of entry from the first year to the last."""
    assert ground.held is not None
    last = ground.held
    first = (
        places_if_whole(ground.activity, ground.columns, ground.measure, 0) if len(ground.activity.years) > 1 else None
    )
    found = entry((first or last).main, last.main, seed=section.seed)
    place = {key[0]: number for number, key in enumerate(measured.portfolio.keys)}
    of_cluster = measured.portfolio.columns["lq"][:, [place[cluster] for cluster in ground.clusters], -1]
    space = white_space(found, ground.membership, of_cluster, near=section.near)
    regions, clusters = len(ground.activity.regions), len(ground.clusters)
    size = measured.portfolio.columns["share_of_cluster"]
    row, column = (index.ravel() for index in np.indices((regions, clusters)))
    columns = {
        "region": pa.array(ground.activity.regions).take(pa.array(row)),
        "cluster": pa.array(ground.clusters).take(pa.array(column)),
        "density": space.density.ravel(),
        "relative_density": space.relative.ravel(),
        "percentile": space.percentile.ravel(),
        "present": space.present.ravel(),
        "lq": of_cluster.ravel(),
        "expected_entries": space.expected.ravel(),
        "pci": np.broadcast_to(complexity["cluster"], (regions, clusters)).ravel(),
        "share_of_cluster": size[:, [place[cluster] for cluster in ground.clusters], -1].ravel(),
        "open": space.open.ravel(),
    }
    made = {"opportunities": pa.table({name: pa.array(held, from_pandas=True) for name, held in columns.items()})}
    return made | _entry_tables(found, ground, complexity)


def _entry_tables(found: Entry, ground: _Ground, complexity: Mapping[str, FloatArray]) -> dict[str, pa.Table]:
    score = np.where(found.presence == 0.0, found.density if found.accuracy is None else found.probability, -np.inf)
    number = min(MISSING_SHOWN, score.shape[1])
    chosen = np.argsort(-score, axis=1, kind="stable")[:, :number]
    row = np.repeat(np.arange(len(score)), number)
    column = chosen.ravel()
    kept = np.isfinite(score[row, column])
    rank = np.tile(np.arange(1, number + 1), len(score))[kept]
    row, column = row[kept], column[kept]
    cluster = [ground.clusters[label] for label in ground.labels[column]]
    made = {
        "entry": pa.table(
            {
                "region": pa.array(ground.activity.regions).take(pa.array(row)),
                "rank": rank,
                "industry": pa.array(ground.industries).take(pa.array(column)),
                "cluster": cluster,
                "probability": pa.array(found.probability[row, column], from_pandas=True),
                "density": found.density[row, column],
                "pci": pa.array(complexity["pci"][column], from_pandas=True),
            }
        )
    }
    if found.accuracy is None or found.calibration is None:
        return made
    numbers = {**asdict(found.accuracy), **{f"coefficient_{key}": value for key, value in found.coefficients.items()}}
    made["entry_accuracy"] = pa.table({"number": list(numbers), "value": [float(value) for value in numbers.values()]})
    made["entry_calibration"] = pa.table(dict(vars(found.calibration)))
    return made


def _space(
    found: Similarities, ground: _Ground, complexity: Mapping[str, FloatArray], seed: int
) -> dict[str, pa.Table]:
    drawn = industry_space(found.steering, seed=seed)
    size = np.full(len(ground.industries), np.nan)
    if ground.held is not None:
        size = (ground.held.employment if ground.held.employment is not None else ground.held.main).sum(axis=0)
    codes = pa.array(ground.industries)
    return {
        "industry_space": pa.table(
            {
                "industry": codes,
                "cluster": [ground.clusters[label] for label in ground.labels],
                "x": drawn.places[:, 0],
                "y": drawn.places[:, 1],
                "size": pa.array(size, from_pandas=True),
                "pci": pa.array(complexity.get("pci", np.full(len(size), np.nan)), from_pandas=True),
            }
        ),
        "industry_space_edges": pa.table(
            {
                "industry": codes.take(pa.array(drawn.edges[:, 0])),
                "industry_2": codes.take(pa.array(drawn.edges[:, 1])),
                "relatedness": drawn.relatedness,
                "in_tree": drawn.tree,
            }
        ),
    }


def traded_columns(definition: ClusterDefinition, activity: Activity) -> npt.NDArray[np.intp]:
    """The columns of the activity whose industry a definition calls traded."""
    traded = {row["industry"] for row in definition.table.to_pylist() if row["kind"] == "traded"}
    return np.array([place for place, code in enumerate(activity.industries) if code in traded], dtype=np.intp)
