"""The words of the page's script."""

from __future__ import annotations

from almaz.language import text as _


def measure_words() -> dict[str, str]:
    """The measures of activity."""
    return {
        "employment": _("employment"), "establishments": _("establishments"), "wages": _("wages"), "output": _("output"),
        "value_added": _("value added"), "exports": _("exports"), "production": _("production"),
    }  # fmt: skip


def words(measure: str) -> dict[str, str]:
    """Every word that the script puts on the page, in the language in use."""
    return {
        "size": measure_words().get(measure, measure),
        "cluster_strength": _("cluster strength"), "strong_clusters": _("strong clusters"), "hidden_share": _("hidden share"),
        "lq": _("location quotient"), "cluster": _("cluster"), "region": _("region"), "rank": _("rank"), "share": _("share of the region"),
        "of_cluster": _("share of the country's cluster"), "growth": _("growth"), "interval": _("interval"), "chance": _("chance that LQ ≥ 1"),
        "bounds": _("what hidden cells allow"), "establishments": _("establishments"), "type": _("type"), "unknown": _("unknown"),
        "us_cluster_mapping": _("U.S. Cluster Mapping"), "european_stars": _("European stars"), "five_factors": _("five factors"),
        "european_stars_older": _("European stars, older rule"), "p_fillings": _("strong: share of fillings"),
        "p_sampling": _("strong: chance by sampling"),
        "strong10": _("strong (top tenth)"), "strong": _("strong"), "significant": _("significant"), "qualifying": _("qualifying"), "none": _("not strong"),
        "all": _("under every filling"), "some": _("under some fillings"), "never": _("under no filling"), "certainty": _("strong under fillings of hidden cells"),
        "class_cluster": _("cluster"), "class_hub_and_satellites": _("hub and satellites"),
        "class_territorial_production_complex": _("territorial production complex"), "class_sheltered_local": _("sheltered local concentration"),
        "class_emerging": _("emerging"), "class_none": _("none"), "class_unknown": _("unknown"), "near": _("near the border"),
        "agree": _("the rules agree"), "disagree": _("the rules disagree"), "verdict": _("do the rules agree?"),
        "local": _("local"), "traded": _("traded"), "not_available": _("no figure"), "of": _("of"),
        "all_clusters": _("all clusters together: cluster strength"), "show_all": _("show all rows"), "open_side": _("pale: hidden cells leave it open"), "download": _("download"),
        "national": _("country's growth"), "mix": _("industry mix"), "regional": _("region's own"), "from": _("from"), "to": _("to"),    }  # fmt: skip
