"""Organisations, people and ties of a made-up cluster."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from almaz.web.participants.models import Organisation, Tie

Rows = Sequence[Sequence[Any]]


@pytest.fixture
def workbook() -> Callable[..., SimpleUploadedFile]:
    """A workbook to upload: sheet → rows."""

    def made(name: str = "list.xlsx", **sheets: Rows) -> SimpleUploadedFile:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        target = io.BytesIO()
        book.save(target)
        return SimpleUploadedFile(name, target.getvalue())

    return made


@pytest.fixture
def tie() -> Callable[..., Tie]:
    """Tie two organisations."""

    def made(source: Organisation, target: Organisation, layer: str, **more: Any) -> Tie:
        held: Tie = Tie.objects.create(cluster=source.cluster, source=source, target=target, layer=layer, **more)
        return held

    return made


@pytest.fixture
def ring(world: Any, tie: Any) -> list[Organisation]:
    """Six organisations: a ring of supply over the first four, two rivals, a university that knows one of them, one alone."""
    sorts = ("firm", "firm", "supplier", "service", "university", "finance")
    made = [
        Organisation.objects.create(cluster=world.cluster, name=f"Уюм {number}", sort=sort)
        for number, sort in enumerate(sorts)
    ]
    for at in range(4):
        tie(made[at], made[(at + 1) % 4], "supply")
    tie(made[0], made[1], "competition")
    tie(made[4], made[0], "knowledge")
    return made
