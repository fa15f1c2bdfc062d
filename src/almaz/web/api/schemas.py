"""What the API answers with. A figure that is not known is null, never zero; an interval without an end ends in null."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from ninja import Field, Schema

Item = TypeVar("Item")


class Names(Schema):
    """A name in three languages, as far as the study has it."""

    en: str | None = None
    ru: str | None = None
    ky: str | None = None


class Page(Schema, Generic[Item]):
    """Some items and how many there are in all."""

    items: list[Item]
    count: int = Field(description="How many there are in all; ask for the next with offset.")


class Problem(Schema):
    """Why a request was not answered."""

    detail: str | list[Any]


class EditionItem(Schema):
    """An edition: the result of one run of a study, never changed."""

    edition: str = Field(description="Its short identity, for addresses.")
    identity: str
    study: str
    title: Names
    published_at: datetime | None


class EditionDetail(EditionItem):
    """An edition with where its figures come from."""

    source: Names
    note: Names
    measure: str = Field(description="What size is measured in.")
    years: list[int]
    regions: int
    clusters: int
    hidden_share: float | None = Field(
        description="The part of all activity that the office hides and that is estimated."
    )
    tables: list[str]


class RegionItem(Schema):
    """A region, with how strong it is in its strong clusters."""

    region: str
    parent: str | None
    kind: str | None
    name: Names
    year: int | None
    cluster_strength: float | None
    cluster_strength_low: float | None
    cluster_strength_high: float | None
    strong_clusters: float | None
    hidden_share: float | None


class ClusterItem(Schema):
    """A cluster: a set of related industries."""

    cluster: str
    kind: str
    industries: int
    name: Names


class PortfolioItem(Schema):
    """A cluster in a region in a year."""

    region: str
    cluster: str
    subcluster: str | None
    kind: str
    year: int
    size: float | None = Field(description="In the edition's measure; hidden cells are estimated.")
    size_low: float | None
    size_high: float | None
    establishments: float | None = None
    lq: float | None = Field(description="Location quotient.")
    lq_low: float | None = Field(description="The least that hidden cells allow.")
    lq_high: float | None
    lq_ci_low: float | None = Field(description="Sampling interval.")
    lq_ci_high: float | None
    p_lq_above_1: float | None
    hidden_share: float | None
    share_of_region: float | None
    share_of_cluster: float | None
    growth: float | None
    rank: float | None
    rank_low: float | None
    rank_high: float | None


class StrengthItem(Schema):
    """What a rule says of a cluster in a region."""

    region: str
    cluster: str
    year: int
    rule: str
    verdict: str | None
    strong: bool | None
    certainty: str | None = Field(description="Whether it holds under all, some or no filling of hidden cells.")
    p_strong_fillings: float | None
    p_strong_sampling: float | None
    reason: str | None
    missing: str | None


class CornerItem(Schema):
    """A corner of a region's diamond."""

    corner: str
    score: float | None
    low: float | None
    high: float | None
    known_share: float
    basis: str | None
    binding: bool


class DiamondItem(Schema):
    """A region's diamond; score and rank with all that is not certain about them."""

    region: str
    year: int | None
    score: float | None
    score_low: float | None
    score_high: float | None
    rank: float | None
    rank_low: float | None
    rank_high: float | None
    binding: str | None
    known_share: float
    government: float | None
    corners: list[CornerItem]


class OpportunityItem(Schema):
    """How close a cluster is to what a region has."""

    region: str
    cluster: str
    density: float | None
    percentile: float | None
    present: float | None
    lq: float | None
    expected_entries: float | None
    open: bool | None = Field(description="White space: close, and weak there.")


class FoundItem(Schema):
    """What a search found. cluster: of an industry."""

    kind: str
    code: str
    name: str
    cluster: str | None


class ColumnItem(Schema):
    """A column of a table."""

    name: str
    type: str


class TableItem(Schema):
    """A table of an edition and where to take it from."""

    table: str
    rows: int
    columns: list[ColumnItem]
    csv: str
    parquet: str
