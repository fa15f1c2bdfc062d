"""Rows of result tables: what is not known is null, never not-a-number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def row(values: Mapping[str, object]) -> dict[str, object]:
    """One row; numbers that are not finite become null."""
    return {
        key: None if isinstance(value, float) and not np.isfinite(value) else value for key, value in values.items()
    }


def columns(values: Mapping[str, Sequence[object] | npt.NDArray[Any]]) -> pa.Table:
    """A table of columns; numbers that are not finite become null."""
    return pa.table(
        {
            name: pa.array(np.where(np.isfinite(part), part, np.nan), from_pandas=True)
            if isinstance(part, np.ndarray) and part.dtype.kind == "f"
            else pa.array(part)
            for name, part in values.items()
        }
    )
