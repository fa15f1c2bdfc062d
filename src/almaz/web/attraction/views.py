"""The pages of attraction: whom to attract, the pipeline, and joining."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.attraction.models import Candidate, Stage
from almaz.web.attraction.ranking import Wanted, lacking, ranking_figures, wanted
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.changes import new_mark, save
from almaz.web.centre.editions import edition_of, missing_link
from almaz.web.centre.forms import form_class
from almaz.web.centre.kinds import kind_named
from almaz.web.centre.roles import Role
from almaz.web.figures import figure_response, shown
from almaz.web.participants.models import Organisation, Sort
from almaz.web.participants.naming import alike


@of_cluster(Role.ANALYST)
def ranking(request: HttpRequest, access: Access) -> HttpResponse:
    """The kinds of firm that the cluster lacks, ranked from the edition, and firms known to make it."""
    problem = missing_link(access.cluster)
    edition = None if problem else edition_of(access.cluster)
    found = wanted(edition, access.cluster) if edition else []
    context = {
        "access": access,
        "problem": problem,
        "lacking": lacking(edition) if edition else [],
        "edition": edition.path.name if edition else "",
        "found": [(one, _new(access, one, edition.path.name if edition else "")) for one in found],
        "figures": [shown(one) for one in ranking_figures(found)],
        "address": lambda name, form: reverse("attraction:figure", args=(access.cluster.slug, name, form)),
    }
    return render(request, "attraction/wanted.html", context)


def _new(access: Access, one: Wanted, edition: str) -> list[tuple[str, str, str]]:
    """(name, where, address of its form) for the kind of firm itself and for each firm known."""
    form = reverse("centre:new", args=(access.cluster.slug, "candidates"))
    made = []
    for name, place in ((one.name, ""), *one.firms):
        asked = {"name": name, "industries": one.code, "why": one.why, "place": place, "reason": one.reason(edition),
                 "next": reverse("attraction:pipeline", args=(access.cluster.slug,))}  # fmt: skip
        made.append((name, place, f"{form}?{urlencode(asked)}"))
    return made


@of_cluster(Role.ANALYST)
def figure(request: HttpRequest, access: Access, name: str, form: str) -> HttpResponse:  # noqa: ARG001
    """One picture of the ranking as a file."""
    edition = None if missing_link(access.cluster) else edition_of(access.cluster)
    found = {one.name: one for one in ranking_figures(wanted(edition, access.cluster))} if edition else {}
    if name not in found:
        raise Http404
    return figure_response(found[name], f"{access.cluster.slug}-{name}", form, str(access.cluster))


@of_cluster(Role.ANALYST)
def pipeline(request: HttpRequest, access: Access) -> HttpResponse:
    """The candidates by stage."""
    rows = list(Candidate.of(access.cluster).select_related("owner", "organisation").order_by("next_date", "name"))
    mine = request.GET.get("mine") == "1"
    shown_rows = [one for one in rows if not mine or one.owner_id == access.user.pk]
    stages = list(Stage)
    columns = [
        (stage, [one for one in shown_rows if one.stage == stage], stages[at - 1] if at else None,
         stages[at + 1] if at + 1 < len(stages) else None)
        for at, stage in enumerate(stages)
    ]  # fmt: skip
    return render(
        request, "attraction/pipeline.html", {"access": access, "columns": columns, "mine": mine, "stages": stages}
    )


@require_POST
@of_cluster(Role.ANALYST)
def moved(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Move a candidate to a stage; to join is a form of its own."""
    candidate = get_object_or_404(Candidate.of(access.cluster), pk=pk)
    stage = request.POST.get("stage", "")
    if stage not in Stage.values:
        raise Http404
    if stage == Stage.JOINED and candidate.organisation is None:
        return redirect("attraction:join", access.cluster.slug, pk)
    candidate.stage = stage
    candidate.save()
    return redirect(reverse("attraction:pipeline", args=(access.cluster.slug,)) + f"#candidate-{pk}")


@of_cluster(Role.ANALYST)
def joined(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """A candidate joins: its organisation is made, or found among those that are here."""
    candidate = get_object_or_404(Candidate.of(access.cluster), pk=pk)
    chosen = request.POST.get("organisation")
    if request.method == "POST" and chosen:
        here = kind_named("organisations").rows(access)
        return _taken_in(request, access, candidate, get_object_or_404(here, pk=int(chosen) if chosen.isdigit() else 0))
    kind = kind_named("organisations")
    begun = {name: getattr(candidate, name) for name in ("name", "industries", "place", "email", "phone", "website")}
    initial = begun | {
        "joined": timezone.localdate(),
        "sort": str(Sort.SUPPLIER) if candidate.why == "gap" else str(Sort.FIRM),
    }
    instance = Organisation(cluster=access.cluster)
    form = form_class(kind)(access, request.POST or None, instance=instance, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _taken_in(request, access, candidate, form.save(commit=False))
    like = Organisation(cluster=access.cluster, name=candidate.name)
    others = list(Organisation.of(access.cluster))
    same = [
        pair.first if pair.second is like else pair.second
        for pair in alike([*others, like])
        if like in (pair.first, pair.second)
    ]
    context: dict[str, Any] = {"access": access, "candidate": candidate, "form": form, "same": same}
    return render(request, "attraction/join.html", context, status=422 if request.method == "POST" else 200)


def _taken_in(request: HttpRequest, access: Access, candidate: Candidate, organisation: Organisation) -> HttpResponse:
    reason = new_mark(f"{candidate} ⇒ {organisation}")
    with transaction.atomic():
        if organisation.pk is None:
            save(organisation, reason)
        candidate.organisation, candidate.stage = organisation, str(Stage.JOINED)
        save(candidate, reason)
    messages.success(request, _("{name} takes part now.", name=organisation))
    return redirect("centre:shown", access.cluster.slug, "organisations", organisation.pk)
