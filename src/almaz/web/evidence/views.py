"""What the experts say together, the obstacles with the measures that answer them, and the judgements as form files."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.programme.catalogue import catalogue
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.kinds import kind_named
from almaz.web.centre.roles import Role
from almaz.web.evidence.measured import measured
from almaz.web.evidence.models import Judgement
from almaz.web.evidence.questions import group_names
from almaz.web.evidence.said import agreements, packed_forms, said


@of_cluster(Role.MEMBER)
def board(request: HttpRequest, access: Access) -> HttpResponse:
    """Every question with the median and the range of what was said, and the person's own judgement."""
    held = said(access).values()
    groups = [(name, [one for one in held if one.asked.group == group]) for group, name in group_names().items()]
    names = {"potential": _("Conditions, preconditions, factors, obstacles"), "diamond": _("Diamond")}
    agreed = [(names[form], one) for form, one in agreements(access.cluster).items()]
    verdicts = {
        "reliable": _("the experts agree: reliable"),
        "tentative": _("the experts agree so far that tentative conclusions may be drawn"),
        "doubtful": _("the experts do not agree: talk it over before you rely on it"),
        "unknown": _("not known: too little was judged by two or more"),
    }
    return render(
        request,
        "evidence/board.html",
        {
            "access": access,
            "groups": groups,
            "measured": measured(access.cluster),
            "agreed": agreed,
            "verdicts": verdicts,
        },
    )


@of_cluster(Role.MEMBER)
def obstacles(request: HttpRequest, access: Access) -> HttpResponse:
    """The register of obstacles: how much each is in the way, on what that rests, and which measures answer it."""
    held = sorted(
        (one for one in said(access).values() if one.asked.group == "obstacle"), key=lambda one: -(one.severity or 0)
    )
    answering = {one.measure: one for one in kind_named("projects").rows(access).exclude(measure="")}
    rests = Judgement.of(access.cluster).select_related("user").order_by("-day")
    if not access.covers(Role.ANALYST):
        rests = rests.filter(user=access.user)
    lines = [
        (
            one,
            [judgement for judgement in rests if judgement.question == one.asked.code],
            [(measure, answering.get(measure.id)) for measure in catalogue() if one.asked.code in measure.answers],
        )
        for one in held
    ]
    return render(
        request, "evidence/obstacles.html", {"access": access, "lines": lines, "measured": measured(access.cluster)}
    )


@require_GET
@of_cluster(Role.ANALYST)
def forms(request: HttpRequest, access: Access) -> HttpResponse:
    """The judgements as filled expert forms, for the next edition of the study."""
    try:
        content = packed_forms(access.cluster)
    except AlmazError as why:
        messages.error(request, str(why))
        return redirect("evidence:board", access.cluster.slug)
    response = HttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{access.cluster.slug}-judgements.zip"'
    return response
