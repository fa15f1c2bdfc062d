"""Take a draft: from a file or from the cluster's edition; look at what would be made; make it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from almaz.errors import AlmazError
from almaz.language import count
from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.editions import edition_of, missing_link
from almaz.web.centre.roles import Role
from almaz.web.projects.drafts import Content, digest, from_edition, from_toml
from almaz.web.projects.forms import DraftForm
from almaz.web.projects.models import Draft, Programme
from almaz.web.projects.models.money import amount
from almaz.web.projects.models.programme import in_language
from almaz.web.projects.taking import preview, stage_title
from almaz.web.projects.taking import take as taken

START = 2027


@of_cluster(Role.ANALYST)
def take(request: HttpRequest, access: Access) -> HttpResponse:
    """Where drafts come in: a file, or the edition that the cluster is linked to."""
    form = DraftForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data["file"]
        try:
            content = from_toml(held.read(), held.name)
        except AlmazError as why:
            form.add_error("file", str(why))
        else:
            return _kept(access, content, held.name[:200])
    try:
        lacks, edition = missing_link(access.cluster), edition_of(access.cluster)
    except AlmazError as why:
        lacks, edition = str(why), None
    return render(
        request, "projects/take.html",
        {"access": access, "form": form, "lacks": lacks, "edition": edition and edition.path.name,
         "drafts": Draft.of(access.cluster).order_by("-pk")[:20]},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@require_POST
@of_cluster(Role.ANALYST)
def drafted(request: HttpRequest, access: Access) -> HttpResponse:
    """A draft of the cluster's edition, made now."""
    cluster = access.cluster
    try:
        edition = None if missing_link(cluster) else edition_of(cluster)
        if edition is None:
            return redirect("projects:take", cluster.slug)
        start = cluster.start or max(START, 1 + int(edition.manifest.get("study", {}).get("year") or 0))
        content = from_edition(edition, cluster.region, cluster.cluster, start, cluster.horizon)
    except AlmazError as why:
        messages.error(request, str(why))
        return redirect("projects:take", cluster.slug)
    return _kept(access, content, edition.path.name[:200])


def _kept(access: Access, content: Content, source: str) -> HttpResponse:
    """Keep the draft, once, and lead to what it would make."""
    draft, _new = Draft.objects.get_or_create(
        cluster=access.cluster, digest=digest(content),
        defaults={"source": source, "content": content, "edition": content["edition"]},
    )  # fmt: skip
    return redirect("projects:preview", access.cluster.slug, draft.pk)


@of_cluster(Role.ANALYST)
def previewed(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """What taking the draft would make, and what is there already."""
    draft = get_object_or_404(Draft.of(access.cluster), pk=pk)
    programme = Programme.at(access.cluster)
    seen = preview(access.cluster, draft.content, programme.rate)
    return render(
        request, "projects/preview.html",
        {"access": access, "draft": draft, "content": draft.content, "seen": seen, "programme": programme,
         "amount": amount, "said": in_language, "stage_title": stage_title, "any": any(seen.news.values())},
    )  # fmt: skip


@require_POST
@of_cluster(Role.ANALYST)
def made(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Make what is new in the draft."""
    draft = get_object_or_404(Draft.of(access.cluster), pk=pk)
    news = taken(draft)
    if any(news.values()):
        said = _(
            "Made: {projects} projects, {gates} gates, {indicators} indicators with baselines; {findings} findings added to "
            "projects there were.",
            **{name: count(number) for name, number in news.items()},
        )
    else:
        said = _("Nothing is new: everything in this draft is there already.")
    messages.success(request, said)
    return redirect("projects:dashboard", access.cluster.slug)
