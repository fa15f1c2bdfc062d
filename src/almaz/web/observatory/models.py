"""Which editions the public sees."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from almaz.language import language
from almaz.web.language import lazy as _
from almaz.web.observatory.reading import Reading, reading

SHORT = 12
"""Letters of an edition's identity in its address."""


class Publication(models.Model):
    """An edition that lies in the house's folder of editions; visitors see it while it is published."""

    identity = models.CharField(_("identity"), max_length=64, unique=True)
    folder = models.CharField(_("folder"), max_length=200)
    study = models.SlugField(_("study"), max_length=100)
    title_en = models.CharField(max_length=300, blank=True)
    title_ru = models.CharField(max_length=300, blank=True)
    title_ky = models.CharField(max_length=300, blank=True)
    published = models.BooleanField(_("published"), default=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    default = models.BooleanField(_("shown first"), default=False)

    class Meta:
        ordering = ("-published_at", "-pk")

    def __str__(self) -> str:
        return f"{self.study} {self.short}"

    @property
    def short(self) -> str:
        """The identity as addresses bear it."""
        return str(self.identity)[:SHORT]

    @property
    def title(self) -> str:
        """The study's title in the language in use, else in any."""
        spoken = getattr(self, f"title_{language()}")
        return str(spoken or self.title_en or self.title_ru or self.title_ky or self.study)

    @property
    def path(self) -> Path:
        """Where the edition lies."""
        return Path(settings.HOME) / "editions" / str(self.folder)

    @property
    def reading(self) -> Reading:
        """The edition, as pages read it."""
        return reading(self.path, kept())

    def withdraw(self) -> None:
        """Hide it from visitors."""
        self.published = self.default = False
        self.save(update_fields=["published", "default"])

    def show(self, by: models.Model | None) -> None:
        """Show it to visitors, from now on as the newest of its study."""
        self.published, self.published_at, self.published_by = True, timezone.now(), by
        self.save()


def kept() -> Path:
    """Where editions are laid out for reading; may be deleted at any time, and is made anew."""
    return Path(settings.HOME) / "readings"


def published() -> models.QuerySet[Publication]:
    """What visitors see, the newest first."""
    return Publication.objects.filter(published=True)


def newest() -> list[Publication]:
    """The newest published edition of each study: the one shown first, then the newest."""
    found: dict[str, Publication] = {}
    for one in published():
        found.setdefault(str(one.study), one)
    return sorted(found.values(), key=lambda one: not one.default)
