"""Why a line of the programme is there, in words: findings, gates, warnings and roles in the language in use."""

from __future__ import annotations

from almaz.language import decimal, language
from almaz.language import text as _
from almaz.programme.findings import Finding
from almaz.tables.expert_form import ILLUSTRATION


def corner_words() -> dict[str, str]:
    """The corners of the diamond, and government beside them."""
    return {
        "factor": _("factor conditions"), "demand": _("demand conditions"),
        "related": _("related and supporting industries"), "strategy": _("firm strategy, structure and rivalry"),
        "government": _("government (catalyst)"),
    }  # fmt: skip


def gap_words() -> dict[str, str]:
    """Gaps, drawbacks and risks."""
    return {
        "supply_gap": _("purchases that the region does not meet"), "white_space": _("a related cluster that is missing"),
        "critical_mass": _("below the critical mass"), "one_firm": _("one firm may dominate"), "few_firms": _("few firms"),
        "shrinking": _("the cluster is shrinking"), "loses_share": _("loses share against the country"),
        "low_wages": _("low wage per employee"), "dependence": _("the region depends on this cluster"),
        "hidden": _("much of it is hidden by the office"), "obstacles": _("obstacles are in the way"),
        "unknown": _("most elements are unknown"), "specialised": _("specialised"), "large": _("large"), "growing": _("growing"),
        "productive": _("high wage per employee"), "many_firms": _("many firms, none dominates"),
        "gains_share": _("gains share against the country"), "preconditions": _("most elements are met"),
        "hub_and_satellites": _("hub and satellites"), "sheltered_local": _("sheltered local concentration"),
        "territorial_production_complex": _("territorial production complex"), "emerging": _("emerging"),
    }  # fmt: skip


def kind_words() -> dict[str, str]:
    """The kinds of elements."""
    return {
        "condition": _("condition"), "precondition": _("precondition"), "favouring": _("favouring factor"),
        "obstacle": _("obstacle"),
    }  # fmt: skip


def status_words(kind: str) -> dict[str, str]:
    """The statuses of an element: of an obstacle, "met" says that it is not in the way."""
    if kind == "obstacle":
        return {
            "met": _("not in the way"), "partly": _("partly in the way"), "not": _("in the way"), "unknown": _("unknown"),
        }  # fmt: skip
    return {"met": _("met"), "partly": _("partly met"), "not": _("not met"), "unknown": _("unknown")}


def actor_words() -> dict[str, str]:
    """Who acts."""
    return {
        "authority": _("regional authority"), "centre": _("coordination centre"), "firms": _("firms of the cluster"),
        "university": _("university or college"), "association": _("association or chamber"), "finance": _("finance institution"),
    }  # fmt: skip


def cost_words() -> dict[str, str]:
    """Cost classes."""
    return {"low": _("low"), "medium": _("medium"), "high": _("high")}


def line_words() -> dict[str, str]:
    """Budget lines."""
    return {"people": _("people"), "services": _("services and training"), "equipment": _("equipment and building")}


def need_words() -> dict[str, str]:
    """What the gates ask for."""
    return {
        "problem_named": _("the problem is named, with figures"),
        "initiative_group": _("an initiative group of 3–10 people, equally represented"),
        "candidate_shortlisted": _("the cluster stands on the front of the shortlist"),
        "profile_judged": _("every element of the potential is judged, with evidence"),
        "potential_not_refuted": _("more elements are met, at least partly, than not"),
        "programme_adopted": _("the programme is adopted by the authority"),
        "baselines_frozen": _("baselines are frozen from an edition"),
        "budget_sources": _("the sources of money are named"),
        "centre_mandate": _("the coordination centre has a mandate"),
        "centre_staff": _("the centre has staff"),
        "centre_money": _("the centre has money for at least three years"),
        "participants_signed": _("participants of at least three kinds have signed"),
        "joint_projects_running": _("at least two joint projects are running"),
        "evaluated_against_baseline": _("results are compared with the baselines"),
        "counterfactual": _("results are compared with regions without the programme"),
        "programme_corrected": _("the programme is corrected by what was found"),
        "members_pay": _("members pay for the centre's services"),
        "results_last": _("results last without the programme's money"),
    }  # fmt: skip


def gate_words() -> dict[str, str]:
    """The gates' names."""
    return {
        "G0": _("need"), "G1": _("potential shown"), "G2": _("programme"), "G3": _("centre with mandate, staff and money"),
        "G4": _("participants signed, joint projects running"), "G5": _("evaluated and corrected"), "G6": _("self-sustaining"),
    }  # fmt: skip


def stage_words() -> dict[int, str]:
    """The three stages; the third is reconstructed, and says so."""
    return {
        1: _("Stage 1: find the potential, work out the programme"),
        2: _("Stage 2: activate cluster processes, draw participants in"),
        3: _("Stage 3 (our reconstruction): evaluate, amend, back to stage 1"),
    }


def illustration_words() -> str:
    """What stands on every page that uses judgements of a form that only illustrates."""
    return _(
        "Illustration: the expert judgements used here are made up to show how the form works. No expert gave them; nothing may "
        "be concluded about this region."
    )


def note_words(note: str) -> str:
    """What the note of a form says: that it is an illustration, or as it was written."""
    return illustration_words() if note == ILLUSTRATION else note


def warning_words(code: str) -> str:
    """What a warning of the draft says."""
    return {
        "illustration": illustration_words(),
        "early_benefit": _("Benefits are promised before year 5. Real benefits of clusters come no earlier than in 5–7 years."),
        "short_horizon": _("The horizon is shorter than 7 years: the programme would end before its benefits can come."),
        "late_outcome": _(
            "Some outcomes can be expected only after the horizon: they are no reason for the programme, or it must run longer."
        ),
        "many_unknown": _("More than half of what was asked is unknown: find out first, then build."),
    }[code]  # fmt: skip


def subject(finding: Finding) -> str:
    """What a finding is about."""
    named = finding.names.get(language()) or finding.names.get("en")
    if finding.kind == "element":
        return named or finding.code
    if finding.kind == "gate":
        return _("gate {code}: {name}", code=finding.code, name=gate_words()[finding.code])
    words = corner_words() if finding.kind == "corner" else gap_words()
    detail = named or finding.detail
    if finding.table == "typology":
        return _("no cluster yet: {type}", type=words[finding.code])
    return words[finding.code] + (f": {detail}" if detail else "")


def explained(finding: Finding) -> str:
    """A finding in one line: what, how it stands, its figure with its interval."""
    if finding.kind == "element":
        words = f"{kind_words()[finding.sort]} «{subject(finding)}»: {status_words(finding.sort)[finding.status]}"
    elif finding.kind == "corner":
        said = {
            "binding": _("the weakest corner"),
            "below_median": _("below the median of regions"),
            "unknown": _("unknown"),
        }
        words = f"{subject(finding)}: {said[finding.status]}"
    else:
        words = subject(finding)
    if finding.value is None:
        return words
    return f"{words} ({_figure(finding)})"


def _figure(finding: Finding) -> str:
    """Its figure in its unit, with its interval; of a critical mass the interval is the threshold's."""
    digits = {"level": 1, "million": 0, "establishments": 0}.get(finding.unit, 2)
    figure = decimal(finding.value or 0.0, digits)
    if finding.low is not None and finding.high is not None and finding.low != finding.high:
        interval = f"{decimal(finding.low, digits)}–{decimal(finding.high, digits)}"
        if finding.unit == "establishments":
            return _("{figure} establishments, the threshold is {interval}", figure=figure, interval=interval)
        figure += f"; {interval}"
    return {
        "place": _("place among regions {figure}", figure=figure), "level": _("judged {figure} of 7", figure=figure),
        "score": _("score {figure}", figure=figure), "million": _("{figure} million", figure=figure),
        "quotient": _("location quotient {figure}", figure=figure), "establishments": _("{figure} establishments", figure=figure),
    }[finding.unit]  # fmt: skip
