"""The folder of a study: files come in and stay, nothing that the study file names lies outside, and a person's own file
becomes a study."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.study.file import load
from almaz.study.suggested import study_values
from almaz.study.template import commented
from almaz.tables.schema import REGIONS
from almaz.tables.suggest import suggest, title_in
from almaz.web.studies.models import SourceFile, Study
from almaz.whole import whole

FIGURES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
NAME = "study.toml"


def keep(study: Study, uploads: Sequence[UploadedFile], by: Any) -> list[str]:
    """Take checked uploads into the study's folder; a study.toml among them becomes the study's text. Gives the names."""
    study.folder.mkdir(parents=True, exist_ok=True)
    for held in uploads:
        name = str(held.name)
        if name.endswith(".toml"):
            study.text = held.read().decode("utf-8-sig", "replace")
            study.save()
            continue
        target, digest = study.folder / name, hashlib.sha256()
        partial = target.with_name(f"{name}.partial")
        with partial.open("wb") as file:
            for chunk in held.chunks():
                digest.update(chunk)
                file.write(chunk)
        _noted(study, partial, name, digest.hexdigest(), by)
    write(study)
    return [str(held.name) for held in uploads]


def _noted(study: Study, partial: Path, name: str, digest: str, by: Any) -> None:
    """Put a whole file in its place; one that was there goes into `past`."""
    target = study.folder / name
    if target.exists():
        past = study.folder / "past"
        past.mkdir(exist_ok=True)
        before = hashlib.sha256(target.read_bytes()).hexdigest()
        target.replace(past / f"{before[:12]}-{name}")
    size = partial.stat().st_size
    partial.replace(target)
    with transaction.atomic():
        SourceFile.everything.update_or_create(
            study=study, name=name, defaults={"size": size, "sha256": digest, "by": by, "deleted": None}
        )


def put(study: Study, name: str, content: str, by: Any) -> None:
    """Write a file of the study that the site makes: its regions."""
    partial = study.folder / f"{name}.partial"
    partial.write_text(content, encoding="utf-8")
    _noted(study, partial, name, hashlib.sha256(content.encode()).hexdigest(), by)


def remove(study: Study, name: str) -> None:
    """Take a file out of the study; it stays in `past`."""
    one = SourceFile.objects.get(study=study, name=name)
    past = study.folder / "past"
    past.mkdir(exist_ok=True)
    (study.folder / name).replace(past / f"{one.sha256[:12]}-{name}")
    one.bin()


def write(study: Study) -> Path:
    """Write the study file into the folder, where the run reads it."""
    study.folder.mkdir(parents=True, exist_ok=True)
    with whole(study.folder / NAME) as partial:
        partial.write_text(study.text, encoding="utf-8")
    return study.folder / NAME


def suggested(study: Study, by: Any) -> None:
    """Make the study's text from what its files seem to hold: each file of figures becomes a [[data]] section.

    Raises AlmazError where none of them can be understood; files that cannot are left out otherwise.
    """
    found, last = [], None
    for one in sorted(study.folder.iterdir()):
        if one.suffix.lower() in FIGURES:
            try:
                found.append((one, suggest(one)))
            except AlmazError as why:
                last = why
    if not found:
        raise last or AlmazError(_("there is no file of figures yet"))
    before = {file.name for file in study.folder.iterdir()}
    values = study_values(found[0][0], found[0][1], study.folder)
    values["study"]["title"] = dict.fromkeys(("en", "ru", "ky"), study.title)
    values["study"]["name"] = f"study-{study.pk}"
    for _file, more in found[1:]:
        values["data"].append(dict(more.data))
        if "titles" in more.industries:
            values.setdefault("industries", {}).setdefault("titles", {}).update(more.industries["titles"])
    study.text = commented(values)
    study.save()
    write(study)
    for file in sorted(study.folder.iterdir()):
        if file.name not in before and file.is_file() and file.name != NAME:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            SourceFile.everything.update_or_create(
                study=study, name=file.name,
                defaults={"size": file.stat().st_size, "sha256": digest, "by": by, "deleted": None},
            )  # fmt: skip


def values_of(text: str) -> dict[str, Any]:
    """A study file's values as they are written, before they are checked; nothing outside the folder may be named.

    Raises AlmazError with the line where it is not TOML or names a path that leads out.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        line = re.search(r"line (\d+)", str(why))
        where = Where(file=NAME, line=int(line[1]) if line else text.count("\n") + 1)
        raise AlmazError(_("this is not valid TOML: {why}", why=why), where=where) from None
    for said in _texts(values):
        if said.startswith(("/", "\\", "~")) or re.match(r"[A-Za-z]:[\\/]", said) or ".." in re.split(r"[\\/]", said):
            place = next((number for number, line in enumerate(text.splitlines(), 1) if said in line), None)
            raise AlmazError(
                _("«{path}» leads out of the study's folder", path=said),
                where=Where(file=NAME, line=place),
                expected=_("the name of a file of this study"),
            )
    return values


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def regions_file(study: Study) -> str | None:
    """The name of the study's list of regions, where it is a CSV file that the site can change."""
    regions = values_of(study.text).get("regions", {})
    name = regions.get("file", "") if isinstance(regions, dict) else ""
    ready = name.endswith(".csv") and not regions.get("columns") and (study.folder / name).is_file()
    return name if ready else None


def region_rows(study: Study, name: str) -> list[dict[str, str]]:
    """The rows of the list of regions."""
    with (study.folder / name).open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def placed(study: Study, label: str, code: str, by: Any) -> None:
    """Help a region's name: it is the region `code`, whose name becomes what the file writes; empty: a region of its own.

    Raises AlmazError where the list is not one that the site can change, or has no such region.
    """
    name = regions_file(study)
    if name is None:
        raise AlmazError(_("the list of regions of this study is not a plain CSV file: change it and upload it again"))
    rows = region_rows(study, name)
    titles = {f"name_{spoken}": said for spoken, said in title_in(re.split(r"\s*[/|]\s*", label)).items()}
    if code:
        row = next((one for one in rows if one.get("region") == code), None)
        if row is None:
            raise AlmazError(_("there is no region with the code {code}", code=code))
        row.update(titles)
    else:
        known = {one.get("region") for one in rows}
        fresh = next(f"X{number:03d}" for number in range(1, 10_000) if f"X{number:03d}" not in known)
        kinds = {one.get("kind", "") for one in rows}
        rows.append({"region": fresh, "kind": kinds.pop() if len(kinds) == 1 else "", **titles})
    headings = list(dict.fromkeys([*REGIONS.names, *(key for row in rows for key in row)]))
    target = io.StringIO()
    writer = csv.DictWriter(target, headings, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    put(study, name, target.getvalue(), by)


def loaded(study: Study) -> None:
    """Read the study file as a run will. Raises AlmazError with key and line where it is not right yet."""
    try:
        load(write(study))
    except AlmazError as why:
        where = replace(why.where, file=NAME)
        inside = f"{study.folder}{os.sep}"
        raise AlmazError(
            why.problem.replace(inside, ""), where=where, expected=why.expected, advice=why.advice.replace(inside, "")
        ) from None
