"""Reading of tests/data/known_answers: numbers that EconGeo and REAT computed in R."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).parents[1] / "data" / "known_answers"


def rows(name: str) -> list[dict[str, str]]:
    """Every row of a file, by header."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def matrix(name: str) -> npt.NDArray[np.float64]:
    """The numbers of a file whose first column holds labels (and, for the answers in long form, the last column)."""
    return np.array([[float(value) for value in list(row.values())[1:]] for row in rows(name)])


def column(name: str, header: str) -> npt.NDArray[np.float64]:
    """One column of numbers."""
    return np.array([float(row[header]) for row in rows(name)])


def labels(name: str, header: str) -> npt.NDArray[np.str_]:
    """One column of texts."""
    return np.array([row[header] for row in rows(name)])


def german_states() -> npt.NDArray[np.float64]:
    """Employment of 16 German states by 17 industries, both in the order of their codes, as REAT lays them out."""
    name = "reat/reat_data_G.regions.industries.csv"
    regions, place = np.unique(labels(name, "region_code"), return_inverse=True)
    industries, kind = np.unique(labels(name, "ind_code"), return_inverse=True)
    table = np.full((regions.size, industries.size), np.nan)
    table[place, kind] = column(name, "emp_all")
    return table
