"""Stage 3 (our reconstruction): what an evaluation suggests, what the centre decides, and the tasks that follow."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.errors import AlmazError
from almaz.impact.loop import amendments_from
from almaz.language import count
from almaz.language import text as _
from almaz.study.edition import Edition
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.editions import edition_of
from almaz.web.centre.models import Cluster
from almaz.web.centre.roles import Role
from almaz.web.projects.models import Amendment, Project, ProjectTask
from almaz.web.projects.models.evaluation import Decision
from almaz.web.projects.taking import stage_title


@of_cluster(Role.MEMBER)
def evaluation(request: HttpRequest, access: Access) -> HttpResponse:
    """Amendments that were taken in, and those of the edition that are new."""
    fresh, said = [], ""
    try:
        fresh = suggested(access.cluster)
    except AlmazError as why:
        said = str(why)
    return render(
        request, "projects/evaluation.html",
        {"access": access, "held": Amendment.of(access.cluster).select_related("project", "task", "decided_by"),
         "fresh": fresh, "said": said, "stage": stage_title(3), "decisions": Decision},
    )  # fmt: skip


def suggested(cluster: Cluster) -> list[Amendment]:
    """What the edition's evaluation suggests and was not taken in yet, as records not saved.

    Raises AlmazError where the edition was changed after it was made.
    """
    edition = edition_of(cluster)
    if edition is None or "programme_amendments" not in edition.tables:
        return []
    known = set(Amendment.everything.filter(cluster=cluster).values_list("digest", "about"))
    findings = _findings(edition)
    projects = {str(one.measure): one for one in Project.of(cluster).exclude(measure="")}
    made = []
    for one in amendments_from(edition.table("programme_amendments")):
        finding = findings.get(one.source, {})
        if (one.source, one.project) not in known:
            made.append(
                Amendment(
                    cluster=cluster, project=projects.get(one.project), about=one.project, action=one.action, why=one.why,
                    outcome=str(finding.get("outcome", one.finding)), years=finding.get("years") or 0, digest=one.source,
                )
            )  # fmt: skip
    return made


def _findings(edition: Edition) -> dict[str, dict[str, object]]:
    """The evaluation's findings by their fingerprints."""
    if "evaluation_findings" not in edition.tables:
        return {}
    table = edition.table("evaluation_findings")
    return {row["fingerprint"]: row for row in table.to_pylist()} if "fingerprint" in table.column_names else {}


@require_POST
@of_cluster(Role.ANALYST)
def amendments_taken(request: HttpRequest, access: Access) -> HttpResponse:
    """Take the edition's suggestions in, to be decided on."""
    try:
        fresh = suggested(access.cluster)
    except AlmazError as why:
        messages.error(request, str(why))
        return redirect("projects:evaluation", access.cluster.slug)
    with transaction.atomic():
        for one in fresh:
            one.save()
    messages.success(request, _("Taken in: {number} suggestions.", number=count(len(fresh))))
    return redirect("projects:evaluation", access.cluster.slug)


@require_POST
@of_cluster(Role.MANAGER)
def decided(request: HttpRequest, access: Access, pk: int, decision: str) -> HttpResponse:
    """Accept or reject a suggestion, or leave it open again."""
    one = get_object_or_404(Amendment.of(access.cluster), pk=pk)
    if decision not in Decision.values:
        raise Http404
    still = decision == "proposed"
    one.decision = decision
    one.decided, one.decided_by = (None, None) if still else (timezone.localdate(), request.user)
    one.save()
    messages.success(request, _("Saved."))
    return redirect("projects:evaluation", access.cluster.slug)


@require_POST
@of_cluster(Role.ANALYST)
def tasked(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Make a task of an accepted amendment, once."""
    with transaction.atomic():
        one = get_object_or_404(Amendment.of(access.cluster).select_for_update(of=("self",)), pk=pk)
        if one.decision != "accepted":
            messages.error(request, _("Only what was accepted becomes a task."))
        elif one.task is None or one.task.deleted:
            one.task = ProjectTask.objects.create(
                cluster=access.cluster,
                project=one.project,
                name=str(one)[:300],
                note=f"{one.reason()}\n{one.note}".strip(),
            )
            one.save()
            messages.success(request, _("A task was made."))
    return redirect("projects:evaluation", access.cluster.slug)
