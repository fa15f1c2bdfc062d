"""The workspace's own pages: my clusters, one cluster's overview, its settings."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from almaz.language import text as _
from almaz.web.centre.access import Access, administrators, clusters_of, of_cluster, signed_in
from almaz.web.centre.kinds import rooms
from almaz.web.centre.models import Cluster
from almaz.web.centre.roles import Role

FIELDS = ("name_en", "name_ru", "name_ky", "study", "region", "cluster", "authority", "start", "horizon", "about")


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """The clusters that the person belongs to."""
    return render(request, "centre/home.html", {"clusters": clusters_of(request.user)})


@administrators
def founded(request: HttpRequest) -> HttpResponse:
    """Found a cluster's workspace."""
    form = modelform_factory(Cluster, fields=("slug", *FIELDS))(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            cluster = form.save()
        messages.success(request, _("Founded."))
        return redirect("centre:overview", cluster.slug)
    return render(
        request,
        "centre/cluster_form.html",
        {"form": form, "cluster": None},
        status=422 if request.method == "POST" else 200,
    )


@of_cluster(Role.MANAGER)
def settings(request: HttpRequest, access: Access) -> HttpResponse:
    """Change what the cluster is."""
    form = modelform_factory(Cluster, fields=FIELDS)(request.POST or None, instance=access.cluster)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("centre:overview", access.cluster.slug)
    return render(request, "centre/cluster_form.html", {"form": form, "cluster": access.cluster, "access": access},
                  status=422 if request.method == "POST" else 200)  # fmt: skip


@of_cluster(Role.MEMBER)
def overview(request: HttpRequest, access: Access) -> HttpResponse:
    """The cluster at a glance."""
    glances = [(str(room.title), room.glance(access)) for room in rooms().values() if room.glance]
    return render(request, "centre/overview.html", {"access": access, "glances": [pair for pair in glances if pair[1]]})
