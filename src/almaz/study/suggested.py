"""A study for a file of the user's own: `almaz new FOLDER --from FILE` looks at it and writes what it seems to hold."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import language
from almaz.language import text as _
from almaz.study.template import SAMPLES, commented
from almaz.tables.names import match_regions, words_of_kind
from almaz.tables.places import read_regions
from almaz.tables.schema import REGIONS
from almaz.tables.suggest import Suggestion, suggest, title_in
from almaz.whole import whole_folder

ENOUGH = 0.6
"""Share of a file's regions that must be known for the names and borders of a sample to be taken."""


def new_from(folder: Path, file: Path) -> Path:
    """Make a folder with the file, its regions and a study.toml that reads it, and give the path of the latter.

    The regions are those of Kyrgyzstan, with their borders, where the file's names are found among them; else they are listed
    from the file. Raises AlmazError where the folder is already there, or the file cannot be read or understood.
    """
    if folder.exists():
        raise AlmazError(_("{path} is already there", path=folder), advice=_("choose another name"))
    if not file.is_file():
        raise AlmazError(_("there is no such file"), where=Where(file=str(file)))
    suggestion = suggest(file)
    try:
        with whole_folder(folder) as partial:
            shutil.copyfile(file, partial / file.name)
            values = study_values(file, suggestion, partial)
            written = f"{_notes(suggestion)}\n{commented(values)}"
            (partial / "study.toml").write_text(written, encoding="utf-8")
    except OSError as why:
        raise AlmazError(
            _("the folder cannot be made: {why}", why=why.strerror or why), where=Where(file=str(folder))
        ) from None
    return folder / "study.toml"


def study_values(file: Path, suggestion: Suggestion, folder: Path) -> dict[str, Any]:
    """The values of a study file; writes the regions that it needs into the folder."""
    name = re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "study"
    titles = dict.fromkeys(("en", "ru", "ky"), file.stem)
    several = len(suggestion.industries.get("titles", {})) > 1
    return {
        "study": {"name": name, "title": titles, "language": language()},
        "data": [dict(suggestion.data)],
        "regions": _regions(suggestion.regions, folder),
        **({"industries": dict(suggestion.industries)} if suggestion.industries else {}),
        "portfolio": {"measure": suggestion.measure, "base": "all" if several else "same_kind"},
    }


def _notes(suggestion: Suggestion) -> str:
    lines = [_("Suggested by Almaz from what the file seems to hold: look at each line, and mend what is wrong.")]
    return "\n".join(f"# {' '.join(line.split())}" for line in [*lines, *suggestion.found])


def _regions(names: Sequence[str], folder: Path) -> dict[str, Any]:
    known = _of_kyrgyzstan(names, folder)
    if known is not None:
        return known
    rows = _listed(names)
    target = io.StringIO()
    writer = csv.DictWriter(target, REGIONS.names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "regions.csv").write_text(target.getvalue(), encoding="utf-8")
    return {"file": "regions.csv"}


def _of_kyrgyzstan(names: Sequence[str], folder: Path) -> dict[str, Any] | None:
    """The regions of the sample, of the kind that most of the names are, where the names are theirs."""
    with as_file(files("almaz") / "samples" / SAMPLES["kyrgyzstan"]) as sample:
        regions = read_regions(sample / "regions.csv")
        places = {"file": "", "sheet": None, "row": 1}
        table = pa.Table.from_pylist([{"region": name, **places} for name in names])
        placed, _problems = match_regions(table, regions) if names else (table, None)
        if placed.num_rows < ENOUGH * len(names) or not names:
            return None
        kinds = dict(zip(regions["region"].to_pylist(), regions["kind"].to_pylist(), strict=True))
        found = [kinds[code] for code in placed["region"].to_pylist()]
        shutil.copyfile(sample / "regions.csv", folder / "regions.csv")
        usual = max(dict.fromkeys(found), key=found.count)
        chosen: dict[str, Any] = {"file": "regions.csv", "kind": usual}
        if usual == "raion":
            shutil.copyfile(sample / "raions.geojson", folder / "raions.geojson")
            chosen["geometry"] = "raions.geojson"
        return chosen


def _listed(names: Sequence[str]) -> list[Mapping[str, str]]:
    """Regions as the file names them: codes stay codes, names in several languages are told apart."""
    rows: list[Mapping[str, str]] = []
    for number, name in enumerate(names, start=1):
        parts = re.split(r"\s*[/|]\s*", name)
        code = name if re.fullmatch(r"[A-Z]{0,3}[\d-]*\d[\dA-Z]*|[A-Z]{2,3}", name) else f"{number:03d}"
        titles = title_in(parts)
        rows.append(
            {"region": code, "kind": words_of_kind(name), **{f"name_{key}": title for key, title in titles.items()}}
        )
    return rows
