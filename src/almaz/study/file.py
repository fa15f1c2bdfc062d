"""The study file: one TOML file that says all of a study. Errors name the key and its line."""

from __future__ import annotations

import json
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.study.chains_section import ChainsSection
from almaz.study.diamond_section import DiamondSection
from almaz.study.engine_section import EngineSection, RegisterSection
from almaz.study.impact_section import ImpactSection
from almaz.study.places_section import PlacesSection
from almaz.study.potential_section import PotentialSection
from almaz.study.programme_section import ProgrammeSection
from almaz.study.relatedness_section import DeriveSection, RelatednessSection
from almaz.study.tables_section import (
    DataSection,
    FileSection,
    FirmsSection,
    IndicatorsSection,
    IndustriesSection,
    Names,
    RegionsSection,
)

Share = Annotated[float, Field(gt=0, lt=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StudySection(_Section):
    """What the study is called and how it speaks."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Names
    note: Names = {}
    source: Names = {}
    language: Literal["en", "ru", "ky"] = "en"


class ClustersSection(_Section):
    """Which industries make which cluster; without a definition every industry stands for itself."""

    definition: Path | None = None
    names: Path | None = None
    concordance: Path | None = None


class PortfolioSection(_Section):
    """How specialisation is measured."""

    measure: str = "employment"
    base: str = "same_kind"
    reference: Literal["including", "excluding"] = "including"
    level: Share = 0.95


class StrengthSection(_Section):
    """Thresholds of the rules that call a cluster strong (METHODS, rule by rule)."""

    strong: Share = 0.75
    strong10: Share = 0.90
    significant: Share = 0.50
    floor: Share = 0.25
    star: Share = 0.80
    older_quotient: Annotated[float, Field(gt=0)] = 2.0
    older_top: Share = 0.90
    minimum_regions: Annotated[int, Field(ge=2)] = 20


class TypologySection(_Section):
    """Where the borders between the types of concentration lie."""

    rivals: Annotated[float, Field(gt=1)] = 10.0
    concentrated: Annotated[float, Field(gt=0, le=1)] = 0.25
    outward: Annotated[float, Field(gt=0)] = 1.0
    near: Share = 0.15
    variation: Annotated[float, Field(ge=0)] = 1.0
    size_classes: Path | None = None


class Study(_Section):
    """A study as its file says it. `folder` is where its paths start."""

    study: StudySection
    data: list[DataSection] = []
    registers: list[RegisterSection] = []
    regions: RegionsSection
    indicators: list[IndicatorsSection] = []
    firms: list[FirmsSection] = []
    industries: IndustriesSection = IndustriesSection()
    clusters: ClustersSection = ClustersSection()
    portfolio: PortfolioSection = PortfolioSection()
    strength: StrengthSection = StrengthSection()
    typology: TypologySection = TypologySection()
    diamond: DiamondSection | None = None
    relatedness: RelatednessSection | None = None
    derive: DeriveSection = DeriveSection()
    chains: ChainsSection | None = None
    potential: PotentialSection | None = None
    programme: list[ProgrammeSection] = []
    places: PlacesSection | None = None
    impact: ImpactSection | None = None
    engine: EngineSection = EngineSection()

    @model_validator(mode="after")
    def _some_data(self) -> Study:
        if not self.data and not self.registers:
            raise ValueError(_("there is neither a [[data]] nor a [[registers]] section"))
        return self

    @property
    def files(self) -> list[FileSection]:
        """The sections that name a file of figures, in the order in which they are read."""
        return [*self.data, *self.indicators, *self.firms]


def load(path: Path) -> Study:
    """Read and check a study file.

    Raises AlmazError naming the file, the key and its line, what was expected and what to do.
    """
    try:
        written = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise AlmazError(
            _("there is no such file"),
            where=Where(file=str(path)),
            advice=_("make one with: almaz new {path}", path=path),
        ) from None
    except (OSError, UnicodeDecodeError) as why:
        raise AlmazError(
            _("the study file cannot be read: {why}", why=why),
            where=Where(file=str(path)),
            expected=_("a text file in UTF-8"),
        ) from None
    try:
        parsed = tomllib.loads(written)
    except tomllib.TOMLDecodeError as why:
        found = re.search(r"line (\d+)", str(why))
        raise AlmazError(
            _("this is not valid TOML: {why}", why=why),
            where=Where(file=str(path), line=int(found.group(1)) if found else None),
            advice=_("compare with the file that «almaz new» writes"),
        ) from None
    try:
        study = Study.model_validate(parsed)
    except ValidationError as why:
        raise _explained(why.errors()[0], path, written, len(why.errors())) from None
    return _with_folder(study, path.resolve().parent, path, written)


def line_of(written: str, keys: tuple[str | int, ...]) -> int | None:
    """The line (from 1) on which a key of a TOML text stands, or its section, or None.

    keys: the way to it, e.g. ("data", 1, "file"): the second [[data]] section's `file`.
    """
    names = [str(key) for key in keys if not isinstance(key, int)]
    number = next((key for key in keys if isinstance(key, int)), 0)
    section, best = "", None
    seen: dict[str, int] = {}
    for place, line in enumerate(written.splitlines(), start=1):
        header = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?", line)
        if header:
            section = header.group(1).replace('"', "")
            if line.strip().startswith("[["):
                seen[section] = seen.get(section, -1) + 1
        mine = section == ".".join(names[: len(section.split("."))]) and seen.get(names[0], number) == number
        if header:
            best = place if names and mine else best
            continue
        key = re.match(r"\s*\"?([\w.-]+)\"?\s*=", line)
        if key and best is not None and mine and key.group(1) in names[len(section.split(".")) :]:
            return place
    return best


def _explained(error: ErrorDetails, path: Path, written: str, number: int) -> AlmazError:
    keys = error["loc"]
    name = ".".join(str(key) for key in keys)
    problem, expected = error["msg"], ""
    if error["type"] == "extra_forbidden":
        known = _known_keys(keys)
        close = get_close_matches(str(keys[-1]), known, n=1)
        problem = _("there is no key «{key}»", key=keys[-1])
        expected = _("one of: {keys}", keys=", ".join(known))
        if close:
            problem += " " + _("(did you mean «{close}»?)", close=close[0])
    elif error["type"] == "value_error":
        problem = error["msg"].removeprefix("Value error, ")
    elif error["type"] == "missing":
        problem = _("the key «{key}» is missing", key=keys[-1])
    else:
        problem = _(
            "the value {value} is not allowed", value=json.dumps(error["input"], ensure_ascii=False, default=str)
        )
        expected = _expected(error)
    advice = _("mend it and run again; {number} problems in all", number=number) if number > 1 else ""
    where = Where(file=str(path), key=name or None, line=line_of(written, keys) if keys else None)
    return AlmazError(problem, where=where, expected=expected, advice=advice)


def _expected(error: ErrorDetails) -> str:
    """What would have been allowed, by pydantic's kind of error; its own sentence where the kind is a rare one."""
    kind, context = error["type"].split("_")[0], error.get("ctx", {})
    if "expected" in context:
        return str(context["expected"]).replace(" or ", ", ")
    if error["type"] == "string_pattern_mismatch":
        return _("small Latin letters, digits and hyphens, starting with a letter or a digit")
    limits = {
        "gt": _("more than {limit}"),
        "ge": _("at least {limit}"),
        "lt": _("less than {limit}"),
        "le": _("at most {limit}"),
    }
    said = [words.format(limit=context[name]) for name, words in limits.items() if name in context]
    if said:
        return ", ".join(said)
    kinds = {
        "string": _("a text in quotation marks"), "int": _("a whole number"), "float": _("a number"), "bool": _("true or false"),
        "list": _("a list: [ …, … ]"), "dict": _("a table in braces: key = value"), "model": _("a section with keys"),
        "path": _("the path of a file in quotation marks"), "too": _("at least one"),
    }  # fmt: skip
    return kinds.get(kind, error["msg"])


def _known_keys(keys: tuple[str | int, ...]) -> list[str]:
    section: type[BaseModel] = Study
    for key in keys[:-1]:
        if isinstance(key, str) and key in section.model_fields:
            found = _models_in(section.model_fields[key].annotation)
            section = found[0] if found else section
    return list(section.model_fields)


def _models_in(kind: Any) -> list[type[BaseModel]]:
    """The sections that a type speaks of: itself, or in a list or a table of them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for inner in getattr(kind, "__args__", ()) for model in _models_in(inner)]


def files(value: object) -> list[Path]:
    """Every file that a study names, in whichever section, in the order of its keys."""
    if isinstance(value, Path):
        return [value]
    if isinstance(value, BaseModel):
        parts: list[object] = [getattr(value, name) for name in type(value).model_fields]
    elif isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, (list, tuple)):
        parts = list(value)
    else:
        return []
    return [file for part in parts for file in files(part)]


def _with_folder(study: Study, folder: Path, path: Path, written: str) -> Study:
    """The study with every path that it names starting from its folder; AlmazError for the first file that is not there."""

    def placed(value: Any, keys: tuple[str | int, ...]) -> Any:
        if isinstance(value, Path):
            full = folder / value
            if not full.is_file():
                raise AlmazError(
                    _("there is no file {file}", file=full),
                    where=Where(file=str(path), key=".".join(map(str, keys)), line=line_of(written, keys)),
                    expected=_("a path that starts from the folder of the study file"),
                )
            return full
        if isinstance(value, BaseModel):
            held = {name: getattr(value, name) for name in type(value).model_fields if files(getattr(value, name))}
            return value.model_copy(update={name: placed(part, (*keys, name)) for name, part in held.items()})
        if isinstance(value, dict):
            return {name: placed(part, (*keys, name)) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(placed(part, (*keys, place)) for place, part in enumerate(value))
        return value

    made: Study = placed(study, ())
    registers = [
        part if part.file is None else part.model_copy(update={"file": str(folder / part.file)})
        for part in made.registers
    ]
    engine = made.engine
    if engine.temporary is not None:
        engine = engine.model_copy(update={"temporary": str(folder / engine.temporary)})
    return made.model_copy(update={"registers": registers, "engine": engine})
