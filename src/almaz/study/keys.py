"""What every key of a study file says: the comments of `almaz new` and the guide's page come from here."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from types import GenericAlias, UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from almaz.language import text as _
from almaz.study.chains_section import chain_keys
from almaz.study.engine_section import engine_keys
from almaz.study.file import Study
from almaz.study.impact_section import impact_keys


def sections() -> dict[str, str]:
    """Section → what it is for, in the language in use."""
    return {
        "study": _("What the study is called and how it speaks."),
        "data": _("A file with figures and what its columns mean; one [[data]] section for each file."),
        "registers": _("Records of establishments, persons or payrolls, many a cell: the engine adds them up."),
        "engine": _("Where registers are added up and loops run; no figure depends on it."),
        "regions": _("The regions: their codes and names, and their borders for the map."),
        "indicators": _(
            "A file of indicators of regions: a column names the indicator, or each has a column of its own."
        ),
        "firms": _("A list of organisations: firms, suppliers, universities, associations."),
        "industries": _("The industries: their classification and names, and what an absent row means."),
        "clusters": _("Which industries make which cluster; without a definition every industry stands for itself."),
        "portfolio": _("How specialisation is measured."),
        "strength": _("Thresholds of the rules that call a cluster strong."),
        "typology": _("Where the borders between the types of concentration lie."),
        "relatedness": _(
            "Which industries and clusters belong together, and what could come next; absent: not measured."
        ),
        "derive": _("The search for a definition of clusters from the study's own data (almaz derive)."),
        "potential": _("Which clusters are candidates, and how their potential is judged."),
        "chains": _("Value chains from an input–output table; without this section none are measured."),
        "programme": _("A programme drafted from what was found, for a candidate; one [[programme]] section for each."),
        "places": _("Where establishments stand, and how concentration on the map is judged."),
        "impact": _("What a programme changed: directions of effect, regressions, evaluation, survey, years ahead."),
    }


def keys() -> dict[str, str]:
    """section.key → what it says, in the language in use."""
    return (
        _study()
        | _data()
        | _more_data()
        | _places()
        | _lists()
        | _rules()
        | chain_keys()
        | _relatedness()
        | _potential()
        | _programme()
        | impact_keys()
        | engine_keys()
    )


def _study() -> dict[str, str]:
    return {
        "study.name": _("Short name for files: small Latin letters, digits, hyphens."),
        "study.title": _("Title of the report in one or more languages: en, ru, ky."),
        "study.note": _("A caveat shown under the title."),
        "study.source": _("Where the figures come from."),
        "study.language": _("Language of the report: en, ru or ky."),
    }


def _data() -> dict[str, str]:
    return {
        "data.file": _("CSV, TSV, Excel or Parquet; the path starts from the folder of this file."),
        "data.format": _(
            "table: rows of names and figures; statgov: the form of stat.gov.kg; qcew: the U.S. census of employment; "
            "sdmx, eurostat."
        ),
        "data.sheet": _("Sheet of an Excel file; by default the first."),
        "data.dimensions": _("Header of the column that says the region, industry, year or measure."),
        "data.constants": _(
            'The same where the whole file has one: constants = { year = 2024, measure = "employment" }.'
        ),
        "data.values": _(
            "Header of a column of figures → what it holds: measure, year, industry; hidden names a flag column."
        ),
        "data.where": _("Rows to keep: header → value, or a list of values."),
        "data.marks": _("This file's own marks for missing figures → nil, not_available, not_yet or suppressed."),
        "data.sheets": _("Sheet → its region, industry, year or measure, where each sheet holds one."),
        "data.encoding": _("utf-8, cp1251 …; found out if not given."),
        "data.delimiter": _("Between the columns of a text file; found out if not given."),
        "data.decimal": _("Decimal mark, a point or a comma; found out if not given."),
    }


def _more_data() -> dict[str, str]:
    return {
        "data.measures": _("What the file calls a measure → what Almaz calls it; other measures are left out."),
        "data.ownership": _("qcew: codes of ownership, 5 is private; several are added up."),
        "data.areas": _("qcew: nation, state, county, metropolitan or combined."),
        "data.quarter": _("qcew: one quarter of a quarterly file; without it four quarters make the year."),
    }


def _lists() -> dict[str, str]:
    data = _data()
    shared = {f"indicators.{key}": data[f"data.{key}"] for key in ("encoding", "delimiter", "decimal")}
    shared["firms.decimal"] = data["data.decimal"]
    columns = _("What Almaz calls a column → what the file calls it, where the two differ.")
    return shared | {
        "regions.sheet": _("Sheet of an Excel file."),
        "regions.columns": columns,
        "indicators.file": _("CSV, TSV, Excel or Parquet; the path starts from the folder of this file."),
        "indicators.sheet": _("Sheet of an Excel file."),
        "indicators.dimensions": _(
            "Header of the column that says the region, indicator, year, unit, source, direction or corner."
        ),
        "indicators.constants": _("The same where the whole file has one."),
        "indicators.values": _(
            "Header of a column of figures → its indicator and year; income_2019 says both itself: { }."
        ),
        "indicators.where": _("Rows to keep: header → value, or a list of values."),
        "indicators.marks": _("This file's own marks for missing figures → nil, not_available, not_yet or suppressed."),
        "indicators.about": _("Indicator → unit, source, direction (1: more is better, -1: less is), corner, names."),
        "firms.file": _("CSV, TSV, Excel or Parquet; the path starts from the folder of this file."),
        "firms.sheet": _("Sheet of an Excel file."),
        "firms.columns": columns,
        "firms.constants": _("The same where the whole file has one."),
        "firms.marks": _("This file's own marks for missing figures → nil, not_available, not_yet or suppressed."),
    }


def _places() -> dict[str, str]:
    return {
        "regions.file": _("CSV: region, name_en, name_ru, name_ky and, where there are, parent and kind."),
        "regions.geometry": _("Borders as GeoJSON or TopoJSON, with the region's code as id."),
        "regions.projection": _("Projection of the map: mercator, albersUsa …"),
        "regions.kind": _("Only regions of this kind, as the column kind says: oblast, raion …"),
        "industries.system": _("NAICS 2012, NACE, ISIC …: codes form a tree; without it each industry stands alone."),
        "industries.file": _("CSV with the column industry and columns of names."),
        "industries.names": _("Language → header of the column that holds the names."),
        "industries.titles": _("Names given here: industry → language → name."),
        "industries.absent": _(
            "A region and industry without a row: nil (there is none) or not_available (not known)."
        ),
        "clusters.definition": _(
            "CSV: industry, kind (traded or local), cluster and, where there are, subcluster and weight."
        ),
        "clusters.names": _("CSV: cluster, name_en, name_ru, name_ky."),
        "clusters.concordance": _("CSV: industry, to_industry: codes of another revision in the definition."),
    }


def _rules() -> dict[str, str]:
    return {
        "portfolio.measure": _("What size means: employment, output, value_added, exports, production …"),
        "portfolio.base": _(
            "same_kind: traded among traded, local among local; all: of all activity; or a measure, e.g. population."
        ),
        "portfolio.reference": _("The country including the region, or excluding it."),
        "portfolio.level": _("Confidence level of the sampling interval."),
        "strength.strong": _("Percentile of the quotient from which a cluster is strong."),
        "strength.strong10": _("The same for the top tenth."),
        "strength.significant": _("Percentile of the quotient above which it is significant."),
        "strength.floor": _("Percentile that employment and establishments must exceed."),
        "strength.star": _("Percentile of each European star."),
        "strength.older_quotient": _("Quotient of the older European rule."),
        "strength.older_top": _("Percentile of size and focus of the older European rule."),
        "strength.minimum_regions": _("With fewer regions no percentile is claimed."),
        "typology.rivals": _("Firms or establishments from which rivals are many."),
        "typology.concentrated": _("Herfindahl index of employment by firm from which few firms dominate."),
        "typology.outward": _("Quotient from which a traded cluster counts as selling outside."),
        "typology.near": _("Relative distance to a border within which a case is called near it."),
        "typology.variation": _(
            "Coefficient of variation of establishment sizes inside an industry, where firm sizes are not known."
        ),
        "typology.size_classes": _("CSV: region, industry, least, most (persons), establishments."),
    }


def _relatedness() -> dict[str, str]:
    return {
        "relatedness.occupations": _("CSV: industry, occupation, employment."),
        "relatedness.borrowed": _("Relatedness measured in another country, CSV: industry, industry_2, relatedness."),
        "relatedness.borrowed_concordance": _("CSV: industry, to_industry: that country's codes in the data's."),
        "relatedness.minimum_regions": _("With fewer regions nothing is told from where industries are."),
        "relatedness.top": _("Share of pairs of clusters whose relatedness counts as high."),
        "relatedness.linked": _("Share of industries that must be linked across the pair, strictly above."),
        "relatedness.both_ways": _("min: so many each way; mean: on the average of both ways."),
        "relatedness.near": _("Percentile of density from which a region is close to a cluster that it lacks."),
        "relatedness.families": _("Branches into which the tree of clusters is cut."),
        "relatedness.seed": _("Start of what is drawn by chance: folds, layout."),
        "derive.kinds": _(
            "dispersion: traded or local by how industries are spread; definition: as the definition says."
        ),
        "derive.functions": _("Ways of grouping that are tried."),
        "derive.transformations": _("Scales of relatedness that are tried."),
        "derive.fewest": _("Smallest number of clusters."),
        "derive.most": _("Largest number of clusters."),
        "derive.step": _("Step between the numbers of clusters."),
        "derive.draws": _("Draws of regions that tell how stable a cluster is."),
        "derive.seed": _("Start of what is drawn by chance: first centres, draws."),
    }


def _potential() -> dict[str, str]:
    return {
        "potential.quotient": _("Quotient that a candidate must at least possibly reach."),
        "potential.most": _("Candidates of a region at most, the highest quotients first."),
        "potential.local": _("Whether clusters that serve their own region alone may be candidates."),
        "potential.met": _("Place among regions, 0 to 1, from which an element counts as met."),
        "potential.not_met": _("Place among regions, 0 to 1, up to which an element counts as not met."),
        "potential.minimum_regions": _("With fewer regions no percentile is claimed."),
        "potential.elements": _("TOML with proxies of your own for the elements."),
        "potential.forms": _("Filled-in forms of experts' judgements."),
        "potential.weights": _("Weights of the shortlist: specialisation, size, growth, productivity, potential."),
        "potential.draws": _("How many weightings are drawn for the intervals of the shortlist's ranks."),
        "potential.bootstrap": _("How many samples the test of a critical mass draws; 0: no test."),
        "potential.seed": _("Number that all drawing starts from: the same one gives the same results."),
    }


def _programme() -> dict[str, str]:
    return {
        "programme.region": _("The region's code."),
        "programme.cluster": _("The cluster, a candidate of this region."),
        "programme.start": _("First year of the programme."),
        "programme.horizon": _("Years it runs."),
        "programme.most": _("Projects at the most."),
        "programme.promised": _("Year of the programme in which benefits are promised."),
        "programme.catalogue": _("A catalogue of measures of your own."),
    }


def section_said(name: str, model: type[BaseModel]) -> str:
    """What a section is for: from here, else from the first lines of its own description."""
    first = inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    return sections().get(name) or _(first)


def said(section: str, key: str, field: FieldInfo) -> str:
    """What a key says: from here, else from its own description."""
    description = field.description
    return keys().get(f"{section}.{key}") or (_(description) if description else "")


def section_fields() -> Iterator[tuple[str, type[BaseModel], bool, bool]]:
    """Every section of a study file: name, model, whether it repeats ([[name]]), whether it must be there."""
    for name, field in Study.model_fields.items():
        model, repeats = section_model(field.annotation)
        if model is not None:
            yield name, model, repeats, field.is_required()


def section_model(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The model of a section's annotation, and whether there may be several."""
    if isinstance(annotation, type) and not isinstance(annotation, GenericAlias) and issubclass(annotation, BaseModel):
        return annotation, False
    repeats = get_origin(annotation) is list
    if repeats or get_origin(annotation) is UnionType:
        for part in get_args(annotation):
            model, _inner = section_model(part)
            if model is not None:
                return model, repeats
    return None, False


def page() -> str:
    """The guide's page on the study file, in the language in use: every section and key with its type and default."""
    lines = [
        "# The study file, key by key",
        "",
        "One TOML file says all of a study. `almaz new` writes it with these explanations as comments.",
        "Paths start from its folder.",
        "A key that is not known, a value of a wrong type and a file that is not there are named with their key and line.",
    ]
    for name, model, repeats, required in section_fields():
        head = f"[[{name}]]" if repeats else f"[{name}]"
        lines += ["", f"## {head}", "", section_said(name, model) + ("" if required else " May be left out."), ""]
        lines += ["| key | says | default |", "|---|---|---|"]
        for key, field in model.model_fields.items():
            default = "must be given" if field.is_required() else f"`{_plain(field)}`"
            lines.append(f"| `{key}` | {said(name, key, field).replace('|', ' or ')} | {default} |")
    return "\n".join(lines) + "\n"


def _plain(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    return "none" if default is None else json.dumps(default, default=str)


if __name__ == "__main__":
    sys.stdout.write(page())
