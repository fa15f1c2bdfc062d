"""Which industries make which cluster: defined once for a country, published or trivial."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.schema import DEFINITION

KINDS = ("traded", "local")


@dataclass(frozen=True)
class ClusterDefinition:
    """A definition over the industries of the data.

    table: `schema.DEFINITION`, only industries that the data hold; unmatched: (industry, side), codes that only the definition
    or only the data hold; published: False where every industry merely stands for itself.
    """

    table: pa.Table
    unmatched: pa.Table
    published: bool

    @property
    def clusters(self) -> dict[str, str]:
        """Every cluster and its kind, in alphabetical order."""
        pairs = zip(self.table["cluster"].to_pylist(), self.table["kind"].to_pylist(), strict=True)
        return dict(sorted(set(pairs)))

    def membership(
        self, industries: Sequence[str], level: str = "cluster"
    ) -> tuple[list[tuple[str, str | None, str]], npt.NDArray[np.float64]]:
        """The (cluster, subcluster, kind) of every column and the weights (industries, clusters) that add industries up.

        level: "cluster", or "subcluster" for the finer groups.
        """
        rows = self.table.to_pylist()
        if level == "subcluster":
            rows = [row for row in rows if row["subcluster"]]
        keys = sorted(
            {(r["cluster"], r["subcluster"] if level == "subcluster" else None, r["kind"]) for r in rows}, key=str
        )
        column = {key: place for place, key in enumerate(keys)}
        line = {code: place for place, code in enumerate(industries)}
        weights = np.zeros((len(industries), len(keys)))
        for row in rows:
            key = (row["cluster"], row["subcluster"] if level == "subcluster" else None, row["kind"])
            weights[line[row["industry"]], column[key]] += row["weight"]
        return keys, weights


def read_definition(
    path: Path, industries: Sequence[str], concordance: Mapping[str, Sequence[str]]
) -> ClusterDefinition:
    """Read a definition file: CSV with industry, kind (traded or local), cluster and, where there are, subcluster and weight.

    industries: those of the data; concordance: a code of another vintage → the codes of the data that it became.
    Raises AlmazError for a missing column or a kind that is neither traded nor local.
    """
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    return defined(rows, industries, concordance, Where(file=str(path)))


def defined(
    rows: Sequence[Mapping[str, Any]],
    industries: Sequence[str],
    concordance: Mapping[str, Sequence[str]],
    where: Where | None = None,
) -> ClusterDefinition:
    """The definition that rows (industry, kind, cluster and, where there are, subcluster and weight) say; see read_definition."""
    where = where or Where()
    for name in ("industry", "kind", "cluster"):
        if not rows or name not in rows[0]:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=where,
                expected="industry, kind, cluster, subcluster, weight",
            )
    known, members, unknown = set(industries), {}, []
    for number, row in enumerate(rows, start=2):
        if row["kind"] not in KINDS:
            raise AlmazError(
                _("the kind «{kind}» is not known", kind=row["kind"]),
                where=replace(where, row=number, column="kind"),
                expected="traded, local",
            )
        codes = (
            [row["industry"]]
            if row["industry"] in known
            else [c for c in concordance.get(row["industry"], ()) if c in known]
        )
        if not codes:
            unknown.append(row["industry"])
        for code in codes:
            key = (code, row["cluster"], row.get("subcluster") or None)
            members[key] = {
                "industry": code,
                "cluster": row["cluster"],
                "subcluster": row.get("subcluster") or None,
                "kind": row["kind"],
                "weight": float(row.get("weight") or 1.0),
            }
    covered = {code for code, _cluster, _sub in members}
    unmatched = [{"industry": code, "side": "definition"} for code in unknown]
    unmatched += [{"industry": code, "side": "data"} for code in industries if code not in covered]
    return ClusterDefinition(
        pa.Table.from_pylist(_shared_out(list(members.values())), schema=DEFINITION),
        _unmatched(unmatched),
        published=True,
    )


def each_industry_itself(industries: Sequence[str]) -> ClusterDefinition:
    """Where a country has no definition yet: every industry stands for itself, and is named as such."""
    rows = [
        {"industry": code, "cluster": code, "subcluster": None, "kind": "traded", "weight": 1.0} for code in industries
    ]
    return ClusterDefinition(pa.Table.from_pylist(rows, schema=DEFINITION), _unmatched([]), published=False)


def _shared_out(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """An industry that two codes of another vintage brought to two clusters is shared equally, never counted twice."""
    times: dict[object, int] = {}
    for row in rows:
        times[row["industry"]] = times.get(row["industry"], 0) + 1
    return [{**row, "weight": float(str(row["weight"])) / times[row["industry"]]} for row in rows]


def _unmatched(rows: list[dict[str, str]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema([("industry", pa.string()), ("side", pa.string())]))
