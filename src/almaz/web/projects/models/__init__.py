"""The programme of the cluster: projects, milestones, budget, risks, stage gates, indicators, the quarterly report."""

from __future__ import annotations

from almaz.web.projects.models.evaluation import Amendment
from almaz.web.projects.models.indicators import Indicator, LabelIndicator, Reading
from almaz.web.projects.models.money import BudgetLine, Entry
from almaz.web.projects.models.programme import Draft, Programme, QuarterlyReport
from almaz.web.projects.models.project import FrameLine, Milestone, Project, ProjectTask, Risk
from almaz.web.projects.models.stages import Criterion, StageGate

__all__ = [
    "Amendment",
    "BudgetLine",
    "Criterion",
    "Draft",
    "Entry",
    "FrameLine",
    "Indicator",
    "LabelIndicator",
    "Milestone",
    "Programme",
    "Project",
    "ProjectTask",
    "QuarterlyReport",
    "Reading",
    "Risk",
    "StageGate",
]
