"""Relatedness: derive a definition, related clusters, opportunities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pyarrow.compute as pc
import typer

from almaz.cli.app import Language, app, out, print_rows, spoken, tell
from almaz.cli.clusters import EditionFolder, StudyFile
from almaz.language import text as _
from almaz.language import use

Rows = Annotated[int, typer.Option(help="How many rows to print.")]
OneCluster = Annotated[str | None, typer.Option("--cluster", help="Only this cluster.", show_default=False)]
OneRegion = Annotated[str, typer.Argument(metavar="REGION", help="The region's code.")]


@app.command()
def derive(
    study: StudyFile,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the definition.")] = Path("derived"),
    workers: Annotated[int, typer.Option(help="Processes; the result does not depend on them.")] = 2,
    language: Language = None,
) -> None:
    """Search a definition of clusters in a study's own data, and say how good it is."""
    from almaz.study.derivation import derive_definition, write_derivation
    from almaz.study.file import load

    with use(spoken(language)):
        made = derive_definition(load(study), tell, workers=workers)
        files = write_derivation(made, output)
        print_rows(made.candidates.slice(0, 10).to_pylist(), made.candidates.column_names[:7])
        print_rows(made.scores.to_pylist(), made.scores.column_names)
        out.print(
            _(
                "{sets} candidate sets; the best has {clusters} clusters. Edit the names, then say in the study: {lines}",
                sets=made.candidates.num_rows,
                clusters=int(made.derived.labels.max()) + 1,
                lines=f'definition = "{files["definition"]}", names = "{files["names"]}"',
            )
        )


@app.command()
def related(edition: EditionFolder, cluster: OneCluster = None, rows: Rows = 30, language: Language = None) -> None:
    """Print the related clusters of an edition, or of one cluster, the closest first."""
    from almaz.study.edition import open_edition

    with use(spoken(language)):
        held = open_edition(edition).table("cluster_relatedness")
        if cluster is not None:
            held = held.filter(pc.equal(held["cluster"], cluster))
        chosen = held.filter(held["related"]).sort_by([("relatedness", "descending")])
        print_rows(
            chosen.slice(0, rows).to_pylist(),
            ["cluster", "cluster_2", "relatedness", "percentile", "linked", "linked_back"],
        )


@app.command()
def opportunities(edition: EditionFolder, region: OneRegion, rows: Rows = 20, language: Language = None) -> None:
    """Print the clusters that a region lacks and is close to, and its missing industries by their chance of entry."""
    from almaz.report.shown import shown
    from almaz.study.edition import open_edition

    with use(spoken(language)):
        made = open_edition(edition)
        columns = ["cluster", "density", "percentile", "present", "lq", "expected_entries", "pci"]
        white = shown(made, "opportunities", region=region, columns=[*columns, "open"])
        white = white.filter(white["open"]).sort_by([("percentile", "descending")])
        print_rows(white.slice(0, rows).to_pylist(), columns)
        told = ["rank", "industry", "cluster", "probability", "density", "pci"]
        missing = shown(made, "entry", region=region, columns=told)
        titles = made.table("industries")
        name = dict(zip(titles["industry"].to_pylist(), titles["name_en"].to_pylist(), strict=True))
        print_rows(
            [{**row, "title": name.get(row["industry"])} for row in missing.slice(0, rows).to_pylist()],
            [*told[:2], "title", *told[2:]],
        )
