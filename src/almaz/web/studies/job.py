"""The process in which a study is checked or run: `python -m almaz.web.studies.job WHAT FOLDER LANGUAGE PARENT`.

It tells JSON lines on the standard output: {"stage": …}, then {"done": …} or {"error": …}. A process of its own can be ended
at any moment, and ends with the worker that started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from almaz.errors import AlmazError
from almaz.language import LANGUAGES, spoken_text, use
from almaz.language import text as _
from almaz.report.html import write_report
from almaz.study.checking import check
from almaz.study.file import files, load
from almaz.study.run import run
from almaz.web.studies.folder_bounds import inside
from almaz.whole import whole


def main(what: str, folder: Path, language: str) -> int:
    """Do it; 0 where it went well."""
    with use(language):
        try:
            _say("stage", _("reading the study file"))
            study = load(folder / "study.toml")
            inside(folder, files(study))
            done: dict[str, Any] = {}
            if what == "check":
                material = check(study, lambda stage: _say("stage", stage))
                _write(folder / "problems.json", material.problems.to_pylist())
                done = {"observations": material.observations.num_rows, "problems": material.problems.num_rows,
                        "errors": material.errors}  # fmt: skip
            else:
                edition = run(study, folder / "editions", lambda stage: _say("stage", stage))
                (folder / "reports").mkdir(exist_ok=True)
                for spoken in LANGUAGES:
                    _say("stage", f"{_('writing the report')}: {spoken}")
                    write_report(edition, folder / "reports" / f"{edition.path.name}-{spoken}.html", spoken)
                done = {"edition": edition.path.name}
            _say("done", done)
        except AlmazError as why:
            said = {"problem": why.problem, "where": str(why.where).replace(f"{folder}{os.sep}", ""),
                    "expected": why.expected, "advice": why.advice}  # fmt: skip
            _say("error", {key: spoken_text(part).replace(f"{folder}{os.sep}", "") for key, part in said.items()})
            return 1
    return 0


def _say(kind: str, value: object) -> None:
    sys.__stdout__.write(json.dumps({kind: value}, ensure_ascii=False) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def _write(file: Path, rows: list[dict[str, Any]]) -> None:
    with whole(file) as partial:
        partial.write_text(json.dumps(rows, ensure_ascii=False, default=str), encoding="utf-8")


def _end_with(parent: int) -> None:
    """Be killed when the worker is (Linux); elsewhere the run ends by itself."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, 9)
        if os.getppid() != parent:
            raise SystemExit(1)


if __name__ == "__main__":
    _end_with(int(sys.argv[4]))
    sys.stdout = sys.stderr  # what a library prints is no message of ours
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
