"""The section [chains] of a study file: which input–output table, and how its chains are measured in the regions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from almaz.language import text as _

Delta = Annotated[float, Field(ge=0, lt=1)]


class ChainsSection(BaseModel):
    """Value chains: the input–output table and how a region's own supply is judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path
    year: int | None = None
    unit: dict[Literal["en", "ru", "ky"], str] = {}
    names: Path | None = None
    layout: Literal["auto", "plain", "bea", "icio", "long"] = "auto"
    sheet: str | None = None
    country: str | None = None
    blocks: dict[str, str] = {}
    domestic: bool | None = None
    make: Path | None = None
    make_rows: Literal["industries", "products"] = "industries"
    concordance: Path | None = None
    history: Path | None = None
    history_years: tuple[int, int] | None = None
    measure: str = "employment"
    method: Literal["flq", "aflq", "cilq", "slq"] = "flq"
    delta: tuple[Delta, Delta, Delta] = (0.2, 0.3, 0.4)
    covers: Annotated[float, Field(gt=0, le=1)] = 1.0
    clusters: list[str] = []
    suppliers: Annotated[int, Field(ge=1, le=100)] = 12
    pictures: Annotated[int, Field(ge=1, le=10)] = 2

    @model_validator(mode="after")
    def _in_order(self) -> ChainsSection:
        if list(self.delta) != sorted(self.delta):
            raise ValueError(_("delta must rise: lowest, middle, highest"))
        if (self.history is None) != (self.history_years is None):
            raise ValueError(_("history needs history_years, and the other way round"))
        return self


def chain_keys() -> dict[str, str]:
    """chains.key → what it says, in the language in use."""
    return {
        "chains.file": _(
            "The input–output table: a workbook of the U.S. Bureau of Economic Analysis, OECD, Eurostat, or plain CSV."
        ),
        "chains.year": _("Its year; needed where the file has several."),
        "chains.unit": _("What its money is counted in, in one or more languages: million dollars …"),
        "chains.names": _("CSV: industry, name_en, name_ru, name_ky, for the industries of the table."),
        "chains.layout": _(
            "bea, icio (all countries at once), long (a cell a row), plain (codes in the first row and column), or auto."
        ),
        "chains.sheet": _("Sheet of an Excel file; by default the first, or the year's."),
        "chains.country": _("Which country, where the file has several."),
        "chains.blocks": _(
            "Codes that Almaz does not know → consumption, investment, exports, imports, wages, taxes, surplus, jobs …"
        ),
        "chains.domestic": _("true where the flows leave out imported products; by default as the layout says."),
        "chains.make": _(
            "The make (supply) table of the same year; without it each product is made by the industry of its code."
        ),
        "chains.make_rows": _("What stands in the rows of the make table: industries or products."),
        "chains.concordance": _("CSV: industry (of the table), activity (of the data, or the beginning of its code)."),
        "chains.history": _("Tables of several years, for the length of chains against tax."),
        "chains.history_years": _("First and last of these years."),
        "chains.measure": _("What stands for jobs in the regions."),
        "chains.method": _("How a region's own supply is judged: flq, aflq, cilq or slq."),
        "chains.delta": _("Lowest, middle and highest δ of Flegg's quotient: how much less a small region keeps."),
        "chains.covers": _("Share of the country's jobs that the regions hold, where the table has no jobs."),
        "chains.clusters": _("Clusters to measure; by default the traded ones."),
        "chains.suppliers": _("How many suppliers each cluster shows; the others are summed up."),
        "chains.pictures": _("For how many clusters of each region the chain is drawn."),
    }
