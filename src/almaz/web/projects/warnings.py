"""Warnings of promises that come too early: said on forms, pages, the dashboard and in the report; they block nothing."""

from __future__ import annotations

from almaz.impact.horizon import early_benefits
from almaz.language import text as _
from almaz.programme.explained import warning_words
from almaz.programme.gates import HORIZON
from almaz.web.centre.models import Cluster
from almaz.web.projects.models import Programme, Project


def early_outcome(project: Project, start: int | None) -> str:
    """A warning where a project promises its outcome earlier than clusters are known to bring any, else nothing.

    A project that only finds something out promises knowledge, which may come early. start: the programme's first year.
    """
    if start is None or project.outcome is None or project.finds_out:
        return ""
    return next(iter(early_benefits(start, {int(project.outcome): 1.0})), "")


def early_promise(programme: Programme, start: int | None) -> str:
    """The same of the programme as a whole."""
    if start is None or programme.promised is None:
        return ""
    return next(iter(early_benefits(start, {int(programme.promised): 1.0})), "")


def warnings(cluster: Cluster) -> list[str]:
    """What must be said on every page about the programme's promises and its ground."""
    programme = Programme.at(cluster)
    said = [warning_words("illustration")] if programme.illustration else []
    if cluster.start is not None and cluster.horizon < HORIZON:
        said.append(warning_words("short_horizon"))
    said += [early] if (early := early_promise(programme, cluster.start)) else []
    hasty = [one for one in Project.of(cluster).exclude(status="stopped") if early_outcome(one, cluster.start)]
    if hasty:
        said.append(
            _(
                "Promised too early, before benefits of clusters can come: {projects}.",
                projects="; ".join(map(str, hasty)),
            )
        )
    return said
