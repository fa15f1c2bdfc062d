"""An edition goes to the observatory, or leaves it."""

from __future__ import annotations

from typing import Any

from almaz.study.edition import open_edition
from almaz.web.observatory.models import Publication
from almaz.web.observatory.publishing import publish as shown
from almaz.web.studies.models import Run


def publish(run: Run, by: Any) -> None:
    """Show the edition to visitors. Raises AlmazError where a file of it was changed after it was made."""
    shown(run.path, by)
    run.published = True
    run.save()


def withdraw(run: Run) -> None:
    """Hide it from visitors; the edition stays."""
    for one in Publication.objects.filter(identity=open_edition(run.path).manifest["identity"]):
        one.withdraw()
    run.published = False
    run.save()
