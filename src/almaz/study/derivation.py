"""`almaz derive`: a study's own cluster definition, as files that the study can name, with all that tells how good it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.definition import ClusterDefinition
from almaz.clusters.derive import Derived, DeriveOptions, derive, overlap
from almaz.clusters.naming import (
    DEFINITION_COLUMNS,
    NAMES_COLUMNS,
    by_size,
    proposed_names,
    sectors,
    subclusters,
    write_rows,
)
from almaz.clusters.similarity import Similarities, similarities
from almaz.clusters.stability import stability
from almaz.clusters.traded import dispersion
from almaz.clusters.validation import adjusted_rand, best_match, overall, score_all
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.study.checking import check, definition_of
from almaz.study.file import Study
from almaz.study.measured import Material
from almaz.study.relatedness import given_relatedness, places_if_whole, traded_columns
from almaz.study.relatedness_section import RelatednessSection
from almaz.study.run import laid_out
from almaz.study.workers import on_workers
from almaz.tables.activity import Activity

FloatArray = npt.NDArray[np.float64]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Derivation:
    """definition, names: rows of the two files; candidates: every set with its scores, the best first; scores: of the
    definition and, where the study has one, of the given definition, on the same matrices; matches: cluster by cluster
    against the given one; overlap: agreement between the twenty best; similarities, derived: what it came from."""

    definition: list[dict[str, object]]
    names: list[dict[str, str]]
    candidates: pa.Table
    scores: pa.Table
    matches: pa.Table
    overlap: FloatArray
    similarities: Similarities
    derived: Derived


def derive_definition(
    study: Study, tell: Tell = lambda _stage: None, *, workers: int = 2, activity: Activity | None = None
) -> Derivation:
    """Search the definition of clusters that a study's own data support best.

    activity: already laid out, or None to read the study's files. Raises AlmazError where no relatedness can be told:
    too few regions, and neither an input–output table nor borrowed relatedness.
    """
    material = check(study, tell)
    if activity is None:
        activity = laid_out(study, material, tell)
    section = study.relatedness or RelatednessSection()
    steps = study.derive
    given = definition_of(study, activity.industries) if study.clusters.definition is not None else None
    columns, kinds = _traded(study, activity, given)
    industries = tuple(activity.industries[place] for place in columns)
    held = places_if_whole(activity, columns, study.portfolio.measure)
    others = given_relatedness(section, study.chains, industries)
    found = similarities(industries, held, others, minimum_regions=section.minimum_regions)
    if steps.fewest > len(industries) // 2:
        raise AlmazError(
            _(
                "{industries} traded industries cannot make {clusters} clusters",
                industries=len(industries),
                clusters=steps.fewest,
            ),
            advice=_("lower «fewest» and «most» in [derive]"),
        )
    options = DeriveOptions(
        steps.functions, steps.transformations, steps.fewest, min(steps.most, len(industries) // 2), steps.step,
        steps.seed, workers,
    )  # fmt: skip
    sure = np.full(len(industries), np.nan)
    with on_workers(study.engine, tell):
        derived = derive(found.matrices, options, tell)
        if held is not None and found.by_place and steps.draws:
            sure = stability(derived, held, others, draws=steps.draws, seed=steps.seed, workers=workers, tell=tell)
    size = np.nan_to_num(activity.cells(study.portfolio.measure).value[:, columns, -1]).sum(axis=0)
    labels = by_size(derived.labels, size)
    inner = subclusters(labels, found.steering)
    titles = {row["industry"]: row for row in material.industries.to_pylist()}
    codes = [f"T{number:02d}" for number in range(1, int(labels.max()) + 2)]
    rows = _traded_rows(industries, labels, inner, codes, sure, titles)
    local, local_names = _local_rows(activity, kinds, material, titles)
    return Derivation(
        rows + local,
        proposed_names(labels, industries, size, titles, codes) + local_names,
        _candidates(derived),
        _scores(found, derived, labels, industries, given),
        _matches(labels, codes, industries, given),
        overlap(derived.candidates),
        found,
        derived,
    )


def write_derivation(made: Derivation, folder: Path) -> dict[str, Path]:
    """Write definition.csv and names.csv, which a study can name under [clusters], and what they rest on beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.csv" for name in ("definition", "names", "candidates", "scores", "matches")}
    write_rows(made.definition, DEFINITION_COLUMNS, files["definition"])
    write_rows(made.names, NAMES_COLUMNS, files["names"])
    for name, table in (("candidates", made.candidates), ("scores", made.scores), ("matches", made.matches)):
        write_rows(table.to_pylist(), table.column_names, files[name])
    return files


def _traded(
    study: Study, activity: Activity, given: ClusterDefinition | None
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """The columns of traded industries, and which industries are traded."""
    every = np.arange(len(activity.industries))
    if study.derive.kinds == "definition" and given is not None:
        columns = traded_columns(given, activity)
        return columns, np.isin(every, columns)
    held = places_if_whole(activity, every, study.portfolio.measure)
    if held is None:
        raise AlmazError(
            _("traded and local industries cannot be told apart: figures are missing"),
            advice=_('give a definition with kinds and say kinds = "definition" in [derive]'),
        )
    traded = dispersion(held.employment if held.employment is not None else held.main).traded
    return np.flatnonzero(traded), traded


def _traded_rows(
    industries: tuple[str, ...],
    labels: npt.NDArray[np.intp],
    inner: npt.NDArray[np.intp],
    codes: list[str],
    sure: FloatArray,
    titles: dict[str, dict[str, object]],
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for place in np.lexsort((np.arange(labels.size), inner, labels)):
        code = codes[labels[place]]
        rows.append(
            {
                "industry": industries[place],
                "kind": "traded",
                "cluster": code,
                "subcluster": f"{code}.{inner[place] + 1}" if inner[place] >= 0 else "",
                "weight": 1,
                "stability": "" if np.isnan(sure[place]) else f"{sure[place]:.3f}",
                "title": titles.get(industries[place], {}).get("name_en") or "",
            }
        )
    return rows


def _local_rows(
    activity: Activity, kinds: npt.NDArray[np.bool_], material: Material, titles: dict[str, dict[str, object]]
) -> tuple[list[dict[str, object]], list[dict[str, str]]]:
    """Local industries, by sector: they are not searched for, because they are everywhere together."""
    sector = sectors(material.industries)
    rows: list[dict[str, object]] = []
    names: dict[str, dict[str, str]] = {}
    for place in np.flatnonzero(~kinds):
        code = activity.industries[place]
        cluster = f"L{sector[code]}" if sector[code] != code else "L"
        rows.append({"industry": code, "kind": "local", "cluster": cluster, "subcluster": "", "weight": 1,
                     "stability": "", "title": titles.get(code, {}).get("name_en") or ""})  # fmt: skip
        held = titles.get(sector[code], {}) if cluster != "L" else {}
        names[cluster] = {"cluster": cluster} | {
            f"name_{k}": str(held.get(f"name_{k}") or "") for k in ("en", "ru", "ky")
        }
    return sorted(rows, key=lambda row: (str(row["cluster"]), str(row["industry"]))), [names[k] for k in sorted(names)]


def _candidates(derived: Derived) -> pa.Table:
    rows = []
    for candidate in derived.candidates:
        row: dict[str, object] = {
            "matrix": candidate.matrix,
            "transformation": candidate.transformation,
            "function": candidate.function,
            "asked": candidate.asked,
            "clusters": candidate.clusters,
            "score": candidate.score,
            "agreement_with_best": adjusted_rand(candidate.labels, derived.best.labels),
        }
        rows.append(row | {f"score_{name}": score.overall for name, score in candidate.scores.items()})
    return pa.Table.from_pylist(rows)


def _given_labels(given: ClusterDefinition, industries: tuple[str, ...]) -> tuple[npt.NDArray[np.intp], list[str]]:
    mine = {row["industry"]: row["cluster"] for row in given.table.to_pylist() if row["kind"] == "traded"}
    clusters = sorted({mine[code] for code in industries if code in mine})
    place = {cluster: number for number, cluster in enumerate(clusters)}
    return np.array([place[mine[code]] if code in mine else -1 for code in industries], dtype=np.intp), clusters


def _scores(
    found: Similarities,
    derived: Derived,
    labels: npt.NDArray[np.intp],
    industries: tuple[str, ...],
    given: ClusterDefinition | None,
) -> pa.Table:
    sets = {"derived": derived.scores}
    if given is not None:
        sets["given"] = score_all(found.matrices, _given_labels(given, industries)[0])
    rows: list[dict[str, object]] = []
    for name, scores in sets.items():
        rows += [{"definition": name, "matrix": m, **asdict(s), "overall": s.overall} for m, s in scores.items()]
        rows.append({"definition": name, "matrix": "mean", "overall": overall(scores)})
    if given is not None:
        agreement = adjusted_rand(labels, _given_labels(given, industries)[0])
        rows.append({"definition": "derived against given", "matrix": "adjusted Rand", "overall": agreement})
    return pa.Table.from_pylist(rows)


def _matches(
    labels: npt.NDArray[np.intp], codes: list[str], industries: tuple[str, ...], given: ClusterDefinition | None
) -> pa.Table:
    schema = pa.schema(
        [("given_cluster", pa.string()), ("industries", pa.int64()), ("best_match", pa.string()),
         ("share_in_match", pa.float64()), ("jaccard", pa.float64())]
    )  # fmt: skip
    if given is None:
        return schema.empty_table()
    theirs, clusters = _given_labels(given, industries)
    match, share, jaccard = best_match(theirs, labels)
    number = np.bincount(theirs[theirs >= 0], minlength=len(clusters))
    rows = [
        {"given_cluster": cluster, "industries": int(number[place]), "best_match": codes[match[place]],
         "share_in_match": float(share[place]), "jaccard": float(jaccard[place])}
        for place, cluster in enumerate(clusters)
    ]  # fmt: skip
    return pa.Table.from_pylist(sorted(rows, key=lambda row: -float(str(row["jaccard"]))), schema=schema)
