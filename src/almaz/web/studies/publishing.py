"""An edition goes to the observatory, or leaves it."""

from __future__ import annotations

import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from almaz.study.edition import open_edition
from almaz.web.studies.models import Run

OBSERVATORY = find_spec("almaz.web.observatory") is not None


def publish(run: Run, by: Any) -> None:
    """Show the edition to visitors. Raises AlmazError where a file of it was changed after it was made."""
    if OBSERVATORY:
        import_module("almaz.web.observatory.publishing").publish(run.path, by)
    else:
        _taken_in(run)
    run.published = True
    run.save()


def withdraw(run: Run) -> None:
    """Hide it from visitors; the edition stays."""
    if OBSERVATORY:
        publications = import_module("almaz.web.observatory.models").Publication.objects
        for one in publications.filter(identity=open_edition(run.path).manifest["identity"]):
            one.withdraw()
    else:
        shutil.rmtree(Path(settings.HOME) / "editions" / run.edition, ignore_errors=True)
    run.published = False
    run.save()


def _taken_in(run: Run) -> None:
    edition = open_edition(run.path)
    target = Path(settings.HOME) / "editions" / run.edition
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(edition.path, partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
