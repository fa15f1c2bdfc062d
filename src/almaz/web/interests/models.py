"""Requests of members to authorities: what is asked, for whom, by when, and what came of it."""

from __future__ import annotations

import datetime as time
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from almaz.language import text
from almaz.web.centre.models import Cluster, Record, folder
from almaz.web.language import lazy as _
from almaz.web.participants.models import Organisation, Sort
from almaz.web.uploads import checked


class Status(models.TextChoices):
    """How far a request is."""

    DRAFT = "draft", _("draft")
    AGREED = "agreed", _("agreed by members")
    SENT = "sent", _("sent")
    ANSWERED = "answered", _("answered")
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("granted in part")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


NEXT: dict[Any, tuple[Any, ...]] = {
    Status.DRAFT: (Status.AGREED, Status.WITHDRAWN),
    Status.AGREED: (Status.SENT, Status.DRAFT, Status.WITHDRAWN),
    Status.SENT: (Status.ANSWERED, Status.GRANTED, Status.PARTLY, Status.REFUSED, Status.WITHDRAWN),
    Status.ANSWERED: (Status.GRANTED, Status.PARTLY, Status.REFUSED, Status.SENT, Status.WITHDRAWN),
    Status.PARTLY: (Status.GRANTED, Status.REFUSED, Status.SENT),
    Status.REFUSED: (Status.SENT,),
    Status.GRANTED: (),
    Status.WITHDRAWN: (Status.DRAFT,),
}
"""What a request may become; a refusal may be asked against, and what was withdrawn taken up again."""
OPEN = (Status.DRAFT, Status.AGREED, Status.SENT, Status.ANSWERED)
WAITING = (Status.AGREED, Status.SENT)
"""In these the deadline runs: until it is sent it is ours, then the authority's."""
REPLIED = (Status.ANSWERED, Status.GRANTED, Status.PARTLY, Status.REFUSED)
DECIDED = (Status.GRANTED, Status.PARTLY, Status.REFUSED)
SOON = time.timedelta(days=7)


class Request(Record):
    """What members ask of an authority."""

    title = models.CharField(_("what is asked"), max_length=200)
    asked = models.TextField(_("the request in full"), blank=True)
    organisations = models.ManyToManyField(
        Organisation, related_name="requests", verbose_name=_("on behalf of"), help_text=_("One or several members.")
    )
    authority = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="requests_received",
        verbose_name=_("addressed to"),
        limit_choices_to={"sort": Sort.AUTHORITY},
        help_text=_("An organisation of the sort «authority»."),
    )
    grounds = models.TextField(_("grounds"), blank=True, help_text=_("Law, figures, experience elsewhere."))
    deadline = models.DateField(_("answer expected by"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.DRAFT, editable=False)
    agreed_on = models.DateField(_("agreed on"), null=True, editable=False)
    sent_on = models.DateField(_("sent on"), null=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    decided_on = models.DateField(_("decided on"), null=True, editable=False)
    answer = models.TextField(_("the answer"), blank=True)
    answer_file = models.FileField(_("the answer, file"), upload_to=folder, blank=True, validators=[checked])
    change = models.TextField(_("what changed"), blank=True, help_text=_("What is different since, and for whom."))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("author")
    )
    _history_m2m_fields = ("organisations",)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def overdue(self) -> bool:
        """Whether the day by which it was to be answered has passed."""
        return self.status in WAITING and self.deadline is not None and self.deadline < timezone.localdate()

    @property
    def days_late(self) -> int:
        """Whole days since the deadline; negative before it. Zero where there is none."""
        return (timezone.localdate() - self.deadline).days if self.deadline else 0

    def state(self) -> str:
        """Its status, marked where it is overdue."""
        said = str(self.get_status_display())
        return f"{said} · {text('overdue')}" if self.overdue else said

    state.short_description = _("status")  # type: ignore[attr-defined]

    def supporters(self) -> models.QuerySet[Any]:
        """Who supports it, among the living records."""
        return Support.objects.filter(request=self)

    def support(self) -> int:
        """How many members support it."""
        return self.supporters().count()

    support.short_description = _("supported by")  # type: ignore[attr-defined]


def overdue(cluster: Cluster, today: time.date) -> models.QuerySet[Request]:
    """The requests of a cluster whose deadline has passed, the oldest first."""
    late = Request.of(cluster).filter(status__in=WAITING, deadline__lt=today)
    return late.select_related("authority").order_by("deadline", "pk")


class Paper(Record):
    """A document that goes with a request."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="papers", verbose_name=_("request"))
    title = models.CharField(_("title"), max_length=160)
    file = models.FileField(_("file"), upload_to=folder, validators=[checked])

    def __str__(self) -> str:
        return self.title


class Support(Record):
    """A member's voice for a request."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="supports", verbose_name=_("request"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    why = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("request", "user"), name="one_support_of_a_person"),)

    def __str__(self) -> str:
        return str(self.organisation or self.user)
