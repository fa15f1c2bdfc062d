"""The potential at full size: every candidate of 3,271 counties judged, and the question whether there is a critical mass.

Needs ALMAZ_DATA, the folder that holds us_qcew_2016/. `main()` prints a Markdown section.
"""

from __future__ import annotations

import os
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from benchmarks.portfolio import study

from almaz.language import use
from almaz.report.critical_mass import verdict
from almaz.study.file import load
from almaz.study.run import run


def main() -> int:
    """Run the study of the counties with [potential] and print its stages and what it found."""
    data = os.environ.get("ALMAZ_DATA")
    if not data:
        print("ALMAZ_DATA does not name the folder that holds us_qcew_2016/")
        return 2
    with tempfile.TemporaryDirectory() as place:
        file = study(Path(place), Path(data) / "us_qcew_2016")
        file.write_text(file.read_text(encoding="utf-8") + "[potential]\n", encoding="utf-8")
        stages: list[tuple[str, float]] = []
        edition = run(load(file), Path(place) / "editions", lambda said: stages.append((said, time.perf_counter())))
        stages.append(("", time.perf_counter()))
        seconds = {said: after - at for (said, at), (_next, after) in pairwise(stages)}
        shortlist = edition.table("shortlist")
        print("## Potential\n\n| stage | seconds |\n|---|---:|")
        for said in ("diagnosing the potential", "asking whether there is a critical mass"):
            print(f"| {said} | {seconds[said]:.1f} |")
        print(f"\n{shortlist.num_rows:,} candidates of {len(set(shortlist['region'].to_pylist())):,} counties.\n")
        print("| outcome | rows | size at the best split | interval | mean below | mean above | p | verdict |")
        print("|---|---:|---:|---:|---:|---:|---:|---|")
        for row in edition.table("critical_mass").to_pylist():
            with use("en"):
                said = verdict(row)
            print(
                f"| {row['outcome']} | {row['rows_below'] + row['rows_above']:,} | {row['size']:,.0f} |"
                f" {row['size_low']:,.0f} – {row['size_high']:,.0f} | {row['below']:.4f} ({row['below_error']:.4f}) |"
                f" {row['above']:.4f} ({row['above_error']:.4f}) | {row['p_value']:.3f} | {said} |"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
