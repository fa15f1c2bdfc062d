"""Publish an edition: take it into the house, lay it out for reading, draw its maps, and show it to visitors."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.study.edition import MANIFEST, Edition, open_edition
from almaz.tables.contiguity import touching
from almaz.web.observatory.borders import LEVELS, light, sheet, write_levels, write_packed
from almaz.web.observatory.models import Publication, kept
from almaz.web.observatory.reading import KEYS, Reading, reading
from almaz.whole import whole_folder

if TYPE_CHECKING:
    from almaz.web.accounts.models import User

TAKEN = frozenset(
    {
        "account",
        "api",
        "calendar",
        "centre",
        "e",
        "editions",
        "glossary",
        "mine",
        "search",
        "static",
        "studies",
        "survey",
    }
)
"""First words of the site's own addresses, which a study cannot be called by."""
RARE = ("activity", "disagreement", "directions")
"""Tables that no page reads by region: they are laid out when the API is asked for them."""
NEAR = 0.002
"""Degrees within which borders touch: the rounding of what a page shows."""
Tell = Callable[[str], None]


def publish(folder: Path, by: User | None = None, tell: Tell = lambda _stage: None) -> Publication:
    """Show an edition to visitors. folder: of an edition, or of editions (its newest); by: who published it.

    An edition outside the house's folder of editions is copied into it. Publishing it again brings it back and makes it the
    newest of its study. Raises AlmazError where there is no edition, where a file of it was changed after it was made, or
    where its study is called as a part of the site is.
    """
    edition = open_edition(folder)
    study = edition.manifest["study"]["study"]
    if study["name"] in TAKEN:
        raise AlmazError(
            _("a study cannot be called «{name}» on the site: a part of the site is", name=study["name"]),
            where=Where(file=str(edition.path / MANIFEST), key="study.name"),
            advice=_("give the study another name and run it again"),
        )
    inside = _taken_in(edition)
    prepare(reading(inside, kept()), tell)
    titles = {f"title_{spoken}": study["title"].get(spoken, "") for spoken in ("en", "ru", "ky")}
    with transaction.atomic():
        held, _made = Publication.objects.update_or_create(
            identity=edition.manifest["identity"], defaults={"folder": inside.name, "study": study["name"], **titles}
        )
        held.default = held.default or not Publication.objects.filter(published=True, default=True).exists()
        held.show(by)
    return held


def publish_all(folder: Path, tell: Tell = lambda _stage: None) -> list[Publication]:
    """Publish the edition in a folder, or every edition in a folder of editions that is not published yet, the oldest first."""
    if (folder / MANIFEST).is_file():
        found = [folder]
    else:
        made = [file for file in folder.glob(f"*/{MANIFEST}") if file.parent.suffix != ".partial"]
        found = [file.parent for file in sorted(made, key=lambda file: file.stat().st_mtime)]
    if not found:
        open_edition(folder)
    there = set(Publication.objects.filter(published=True).values_list("identity", flat=True))
    return [publish(one, None, tell) for one in found if Edition(one).manifest["identity"] not in there]


def _taken_in(edition: Edition) -> Path:
    """The edition's folder inside the house."""
    house = (Path(settings.HOME) / "editions").resolve()
    if edition.path.resolve().parent == house:
        return edition.path.resolve()
    target = house / edition.path.resolve().name
    if not (target / MANIFEST).is_file():
        try:
            with whole_folder(target) as partial:
                shutil.copytree(edition.path, partial, dirs_exist_ok=True)
        except OSError:
            if not (target / MANIFEST).is_file():  # else another process took it in meanwhile
                raise
    return target


def prepare(held: Reading, tell: Tell = lambda _stage: None) -> None:
    """Lay the edition's tables out and draw its maps, as far as that is not done: visitors then wait for neither."""
    tell(_("laying the tables out for reading"))
    for name in held.tables:
        if name not in RARE and any(key in held.shape(name)[1].names for key in KEYS):
            held.held(name).places  # noqa: B018
    if held.geometry is not None:
        tell(_("drawing the maps"))
        maps(held)


def maps(held: Reading) -> list[Path]:
    """The files of the edition's map, a level each; made where they are not there, with who borders on whom."""
    files = [held.kept / f"map-{number}.json.gz" for number in range(len(LEVELS))]
    borders = Edition(held.path).geometry
    if borders is None:
        return []
    if not (held.kept / "neighbours.json.gz").is_file():
        regions = held.table("regions")
        codes = regions["region"].to_pylist()
        parents = dict(zip(codes, regions["parent"].to_pylist(), strict=True))
        write_levels(sheet(borders, held.manifest["study"]["regions"]["projection"], parents), held.kept)
        fine = light(borders)
        write_packed(fine, held.kept / "borders.json.gz")
        write_packed(_bordering(fine, codes), held.kept / "neighbours.json.gz")
    return files


def _bordering(borders: dict[str, Any], codes: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {code: [] for code in codes}
    for one, other in touching(borders, codes, NEAR).tolist():
        found[codes[one]].append(codes[other])
        found[codes[other]].append(codes[one])
    return found
