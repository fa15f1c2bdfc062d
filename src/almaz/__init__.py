"""Almaz: know, grow and govern a region's economic clusters, from its own statistics.

    import almaz

    found = almaz.portfolio(table)      # pandas, Polars or Arrow: region, industry, employment
    found.table                         # the portfolio, an Arrow table; .to_pandas(), .to_polars()
    found.strength().table              # the rules of strength side by side
    found.typology()                    # what kind of concentration each is

The command's verbs are functions of the same names: `new`, `check`, `run`, `write_report`, `compare`; `open_edition` opens what a
run has made. Measures of plain arrays are in `almaz.measures`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from almaz.errors import AlmazError as AlmazError
    from almaz.report.html import write_report as write_report
    from almaz.study.checking import check as check
    from almaz.study.compare import differences as compare
    from almaz.study.edition import Edition as Edition
    from almaz.study.edition import open_edition as open_edition
    from almaz.study.file import load as load
    from almaz.study.frames import Clusters as Clusters
    from almaz.study.frames import portfolio as portfolio
    from almaz.study.frames import sample as sample
    from almaz.study.run import run as run
    from almaz.study.template import new as new

PUBLIC = {
    "AlmazError": ("almaz.errors", "AlmazError"),
    "Clusters": ("almaz.study.frames", "Clusters"),
    "Edition": ("almaz.study.edition", "Edition"),
    "check": ("almaz.study.checking", "check"),
    "compare": ("almaz.study.compare", "differences"),
    "load": ("almaz.study.file", "load"),
    "new": ("almaz.study.template", "new"),
    "open_edition": ("almaz.study.edition", "open_edition"),
    "portfolio": ("almaz.study.frames", "portfolio"),
    "run": ("almaz.study.run", "run"),
    "sample": ("almaz.study.frames", "sample"),
    "write_report": ("almaz.report.html", "write_report"),
}
"""Public name → where it is defined; imported when first used, so that `import almaz` takes no time."""

__all__ = [
    "AlmazError",
    "Clusters",
    "Edition",
    "check",
    "compare",
    "load",
    "new",
    "open_edition",
    "portfolio",
    "run",
    "sample",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module 'almaz' has no attribute {name!r}")
    module, attribute = PUBLIC[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])
