"""The worker's side: starts the process of a run, hears its stages, ends it when it is cancelled."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from typing import Any

from django.utils import timezone
from django_tasks import task

from almaz.web.studies.models import Run, State

OFTEN = 2.0
"""Seconds between two looks at the run's row."""


@task(queue_name="studies")
def perform(pk: int) -> None:
    """Perform a run that waits."""
    taken = Run.objects.filter(pk=pk, state=State.WAITING, cancel=False)
    now = timezone.now()
    if not taken.update(state=State.RUNNING, started=now, beat=now):
        Run.objects.filter(pk=pk, state=State.WAITING).update(state=State.CANCELLED, ended=now)
        return
    run = Run.objects.select_related("study").get(pk=pk)
    log = (run.study.folder / f"run-{pk}.log").open("w", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "almaz.web.studies.job",
        run.what,
        str(run.study.folder),
        run.language,
        str(os.getpid()),
    ]
    with log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8") as process:
        try:
            state, outcome = _followed(run, process)
        finally:
            if process.poll() is None:
                process.kill()
    _ended(run, state, outcome)


def _followed(run: Run, process: subprocess.Popen[str]) -> tuple[State, dict[str, Any]]:
    """Hear the process to its end, or to its cancelling."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    heard, looked, began = "", 0.0, time.monotonic()
    stages: list[tuple[str, float]] = []
    outcome: dict[str, Any] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        ended = False
        while not ended:
            if ready.select(timeout=OFTEN / 2):
                part = process.stdout.read()
                ended = part == ""
                heard += part or ""
            *lines, heard = heard.split("\n")
            for said in map(json.loads, lines):
                stages += [(said["stage"], round(time.monotonic() - began, 1))] if "stage" in said else []
                outcome |= said if "stage" not in said else {}
            if lines or time.monotonic() - looked > OFTEN:
                looked = time.monotonic()
                Run.objects.filter(pk=run.pk).update(beat=timezone.now(), stages=json.dumps(stages, ensure_ascii=False))
                if Run.objects.filter(pk=run.pk, cancel=True).exists():
                    return State.CANCELLED, {}  # type: ignore[return-value]
    process.wait()
    if "done" in outcome:
        return State.DONE, outcome["done"]  # type: ignore[return-value]
    lost = {"problem": f"exit {process.returncode}", "where": f"run-{run.pk}.log", "expected": "", "advice": ""}
    return State.FAILED, outcome.get("error", lost)  # type: ignore[return-value]


def _ended(run: Run, state: State, outcome: dict[str, Any]) -> None:
    run.refresh_from_db()
    run.state, run.ended, run.beat = state, timezone.now(), timezone.now()
    run.outcome, run.edition = json.dumps(outcome, ensure_ascii=False), outcome.get("edition", "")
    run.save()
