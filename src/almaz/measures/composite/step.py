"""What a step of a composite indicator hands on: the data after it, and the record of what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """name: of the step; choice: the variant taken; values: the data after it, NaN where unknown; facts: what it found or
    did, by name, an array over indicators or units."""

    name: str
    choice: str
    values: FloatArray
    facts: Mapping[str, npt.NDArray[Any]]
