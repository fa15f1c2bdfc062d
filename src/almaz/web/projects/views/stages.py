"""Stages and gates: what is shown, confirm it, pass a gate, take a passage back, go round again."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.records import after, tried
from almaz.web.centre.roles import Role
from almaz.web.projects.models import Criterion, StageGate
from almaz.web.projects.models.stages import BACK, begin_round
from almaz.web.projects.standing import criteria, current_round
from almaz.web.projects.taking import stage_title
from almaz.web.projects.warnings import warnings


@of_cluster(Role.MEMBER)
def stages(request: HttpRequest, access: Access) -> HttpResponse:
    """The gates of the round by stage, each with its criteria and their evidence."""
    held = criteria(access.cluster)
    number = current_round(access.cluster)
    by_stage = [(stage, stage_title(stage), [pair for pair in held if pair[0].stage == stage]) for stage in (1, 2, 3)]
    waiting = next((gate.pk for gate, _all in held if not gate.passed), None)
    return render(
        request, "projects/stages.html",
        {"access": access, "stages": by_stage if held else [], "round": number, "waiting": waiting,
         "warnings": warnings(access.cluster), "may_go_round": _may_go_round(access, number)},
    )  # fmt: skip


def _may_go_round(access: Access, number: int) -> bool:
    """Whether the programme was evaluated and corrected, so that it may go back to stage 1."""
    return StageGate.of(access.cluster).filter(round=number, code=BACK).exclude(passed=None).exists()


def _back(request: HttpRequest, access: Access) -> HttpResponse:
    return redirect(after(request) or reverse("projects:stages", args=(access.cluster.slug,)))


@require_POST
@of_cluster(Role.ANALYST)
def confirmed(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Confirm that a criterion's evidence shows it."""
    one = get_object_or_404(Criterion.of(access.cluster), pk=pk)
    tried(request, lambda: one.confirm(request.user), _("Confirmed."))
    return _back(request, access)


@require_POST
@of_cluster(Role.ANALYST)
def doubted(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Take a confirmation back."""
    one = get_object_or_404(Criterion.of(access.cluster), pk=pk)
    one.confirmed = one.confirmed_by = None
    tried(request, one.save, _("The confirmation is taken back."))
    return _back(request, access)


@require_POST
@of_cluster(Role.MANAGER)
def passed(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Pass a gate; it stays closed while anything is lacking."""
    return _moved(request, access, pk, lambda gate: gate.open(request.user), _("The gate is passed."))


@require_POST
@of_cluster(Role.MANAGER)
def taken_back(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Take a passage back, if no later gate rests on it."""
    return _moved(request, access, pk, StageGate.close, _("The passage is taken back."))


def _moved(
    request: HttpRequest, access: Access, pk: int, change: Callable[[StageGate], None], done: str
) -> HttpResponse:
    gate = get_object_or_404(StageGate.of(access.cluster), pk=pk)
    tried(request, lambda: change(gate), done)
    return _back(request, access)


@require_POST
@of_cluster(Role.MANAGER)
def begun(request: HttpRequest, access: Access) -> HttpResponse:
    """The gates of the first round where there are none; or back to stage 1 in a new round."""
    number = current_round(access.cluster)
    if not StageGate.of(access.cluster).exists():
        begin_round(access.cluster, access.cluster.start or timezone.localdate().year, 1)
        messages.success(request, _("The gates stand; each asks for its evidence."))
    elif _may_go_round(access, number):
        begin_round(access.cluster, timezone.localdate().year, number + 1)
        messages.success(request, _("Round {number} begins at stage 1.", number=number + 1))
    else:
        messages.error(request, _("The programme goes back to stage 1 after gate {gate}.", gate=BACK))
    return _back(request, access)
