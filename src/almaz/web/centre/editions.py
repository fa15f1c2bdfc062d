"""The edition that gives a cluster its figures: the newest of its study under `editions` in the home."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from re import fullmatch
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from almaz.language import language
from almaz.language import text as _
from almaz.study.edition import MANIFEST, Edition, open_edition
from almaz.web.centre.models import Cluster


def edition_of(cluster: Cluster) -> Edition | None:
    """The newest edition of the cluster's study, or None where the cluster names no study or none was made.

    Raises AlmazError where a file of the edition was changed after it was made. Kept open: asked again, it costs a look into
    the folder.
    """
    if not cluster.study:
        return None
    made = [
        (file.stat().st_mtime_ns, file.parent)
        for file in _folder().glob(f"*/{MANIFEST}")
        if fullmatch(r"-[0-9a-f]{12}", file.parent.name.removeprefix(cluster.study))
    ]
    if not made:
        return None
    stamp, path = max(made)
    return _opened(path, stamp)


def _folder() -> Path:
    return Path(settings.HOME) / "editions"


@lru_cache(maxsize=16)
def _opened(path: Path, _stamp: int) -> Edition:
    return open_edition(path)


def missing_link(cluster: Cluster) -> str:
    """Why the cluster has no figures, and what to do; nothing where study, region and cluster are all found."""
    if not cluster.study:
        return _("The cluster names no study. Name it in the settings, with the codes of region and cluster.")
    edition = edition_of(cluster)
    if edition is None:
        return _(
            "No edition of the study «{study}» has been made yet. Run the study and publish an edition, or name another "
            "study in the settings.",
            study=cluster.study,
        )
    if not cluster.region or not rows(edition, "regions", region=cluster.region):
        return _(
            "The edition knows no region with the code «{code}». Put it right in the settings.", code=cluster.region
        )
    if not cluster.cluster or not rows(edition, "clusters", cluster=cluster.cluster):
        return _(
            "The edition knows no cluster with the code «{code}». Put it right in the settings.", code=cluster.cluster
        )
    return ""


def rows(edition: Edition, table: str, **equal: object) -> list[dict[str, Any]]:
    """The rows of one of its tables where the columns have these values; none where it has no such table."""
    if table not in edition.tables:
        return []
    held = read(edition, table)
    chosen = None
    for column, value in equal.items():
        here = pc.equal(held[column], pa.scalar(value))
        chosen = here if chosen is None else pc.and_(chosen, here)
    found: list[dict[str, Any]] = (held if chosen is None else held.filter(chosen)).to_pylist()
    return found


def read(edition: Edition, table: str) -> pa.Table:
    """A table of an edition in the language in use; asked again, it is not read again."""
    return _read(edition, table, language())


@lru_cache(maxsize=48)
def _read(edition: Edition, table: str, _spoken: str) -> pa.Table:
    return edition.table(table)


KEYS = {"regions": "region", "clusters": "cluster", "industries": "industry", "chain_industries": "industry"}
"""Tables of an edition that give codes their names."""


def names(edition: Edition, table: str) -> dict[str, str]:
    """Code → name in the language in use, else in English, else the code: of one of `KEYS`."""
    if table not in edition.tables:
        return {}
    held = read(edition, table)
    columns = (held[name].to_pylist() for name in (KEYS[table], f"name_{language()}", "name_en"))
    return {code: name or other or code for code, name, other in zip(*columns, strict=True)}
