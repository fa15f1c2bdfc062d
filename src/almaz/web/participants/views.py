"""The pages of participants: network, map, duplicates and their merging."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.kinds import kind_named
from almaz.web.centre.records import said
from almaz.web.centre.roles import Role
from almaz.web.figures import figure_response, shown
from almaz.web.participants.mapping import map_figure
from almaz.web.participants.merging import merge, signed_for
from almaz.web.participants.models import Distinct, Layer, Organisation, Sort
from almaz.web.participants.naming import duplicates as pairs_of
from almaz.web.participants.network import network_figures, tied


def _chosen(request: HttpRequest) -> tuple[list[str], list[str]]:
    """The kinds of tie and of organisation that the page is narrowed to. Raises Http404 for what is none."""
    layers, sorts = request.GET.getlist("layer"), request.GET.getlist("sort")
    if not set(layers) <= set(Layer.values) or not set(sorts) <= set(Sort.values):
        raise Http404
    return layers, sorts


@of_cluster(Role.MEMBER)
def network(request: HttpRequest, access: Access) -> HttpResponse:
    """Who is tied to whom, and what the ties measure."""
    layers, sorts = _chosen(request)
    held = tied(access.cluster, layers, sorts)
    context = {
        "access": access,
        "figures": [shown(one) for one in network_figures(held)] if held.organisations else [],
        "address": _address("participants:network_figure", access, request),
        "layers": [(value, label, value in layers) for value, label in Layer.choices],
        "sorts": [(value, label, value in sorts) for value, label in Sort.choices],
        "number": len(held.organisations),
        "ties": int(held.network.source.size),
        "silent": len(held.silent),
    }
    return render(request, "participants/network.html", context)


def _address(view: str, access: Access, request: HttpRequest) -> Any:
    asked = f"?{request.GET.urlencode()}" if request.GET else ""
    return lambda name, form: reverse(view, args=(access.cluster.slug, name, form)) + asked


@of_cluster(Role.MEMBER)
def network_figure(request: HttpRequest, access: Access, name: str, form: str) -> HttpResponse:
    """One figure of the network as a file."""
    found = {one.name: one for one in network_figures(tied(access.cluster, *_chosen(request)))}
    if name not in found:
        raise Http404
    return figure_response(found[name], f"{access.cluster.slug}-{name}", form, str(access.cluster))


@of_cluster(Role.MEMBER)
def on_the_map(request: HttpRequest, access: Access) -> HttpResponse:
    """Where the participants are."""
    figure, without = map_figure(access)
    context = {
        "access": access,
        "figure": shown(figure) if figure else None,
        "address": _address("participants:map_figure", access, request),
        "without": without,
    }
    return render(request, "participants/map.html", context)


@of_cluster(Role.MEMBER)
def map_file(request: HttpRequest, access: Access, name: str, form: str) -> HttpResponse:  # noqa: ARG001
    """The map or its table as a file."""
    figure, _without = map_figure(access)
    if figure is None or name != figure.name:
        raise Http404
    return figure_response(figure, f"{access.cluster.slug}-{name}", form, str(access.cluster))


@of_cluster(Role.ANALYST)
def duplicates(request: HttpRequest, access: Access) -> HttpResponse:
    """Organisations that may stand twice."""
    return render(request, "participants/duplicates.html", {"access": access, "pairs": pairs_of(access.cluster)[:100]})


def _pair(access: Access, first: int, second: int) -> tuple[Organisation, Organisation]:
    rows = kind_named("organisations").rows(access)
    if first == second:
        raise Http404
    return get_object_or_404(rows, pk=first), get_object_or_404(rows, pk=second)


@of_cluster(Role.ANALYST)
def merged(request: HttpRequest, access: Access, first: int, second: int) -> HttpResponse:
    """Two records side by side; sent, what was chosen of each makes one."""
    kind = kind_named("organisations")
    kept, other = _pair(access, first, second)
    if signed_for(kept, other):  # who signs in for the one would come to see what is confidential to the other
        access.need(Role.MANAGER)
    if request.method == "POST":
        taken = [name for name in kind.fields if request.POST.get(name) == "other"]
        merge(kept, other, {name: getattr(other, name) for name in taken})
        messages.success(request, _("Merged. It can be undone under “Imports and merges”."))
        return redirect("centre:shown", access.cluster.slug, "organisations", kept.pk)
    lines = [(name, kind.column_title(name), said(kept, name), said(other, name)) for name in kind.fields]
    context = {
        "access": access, "kept": kept, "other": other,
        "lines": [line for line in lines if line[2] or line[3]],
        "numbers": [(one, one.people.count(), one.places.count(), one.ties_out.count() + one.ties_in.count())
                    for one in (kept, other)],
    }  # fmt: skip
    return render(request, "participants/merge.html", context)


@require_POST
@of_cluster(Role.ANALYST)
def told_apart(request: HttpRequest, access: Access, first: int, second: int) -> HttpResponse:
    """Two organisations that look alike are two."""
    one, other = _pair(access, first, second)
    Distinct.objects.create(cluster=access.cluster, first=one, second=other)
    messages.success(request, _("They are no longer shown as one perhaps."))
    return redirect("participants:duplicates", access.cluster.slug)
