"""`python -m django remind`: the letters of the day. It may run as often as one likes: nobody gets two a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from almaz.web.centre.due import remind


class Command(BaseCommand):
    """Write to everybody for whom something waits."""

    help = (
        "Write to everybody for whom something waits: overdue requests and tasks, coming events. Once a day for each."
    )

    def add_arguments(self, parser: Any) -> None:
        """The hour from which letters go out: nobody wants one at midnight."""
        parser.add_argument("--from-hour", type=int, default=0, help="Do nothing before this hour of the site's day.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run."""
        now = timezone.localtime()
        self.stdout.write(str(remind(now.date()) if now.hour >= options["from_hour"] else 0))
