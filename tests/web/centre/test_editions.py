from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from almaz.errors import AlmazError
from almaz.language import use
from almaz.study.edition import Edition
from almaz.web.centre.editions import edition_of, missing_link, names, rows
from almaz.web.centre.models import Cluster


@pytest.fixture
def made(raions: Edition) -> Path:
    """An edition of the Kyrgyz sample."""
    return raions.path


@pytest.fixture
def editions(made: Path, settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    shutil.copytree(made, tmp_path / "editions" / made.name)
    return tmp_path / "editions"


def cluster(**more: str) -> Cluster:
    return Cluster(slug="a", name_en="A", **more)


def test_a_cluster_finds_the_newest_edition_of_its_own_study(editions: Path, made: Path) -> None:
    study, mark = made.name[:-13], made.name[-13:]
    shutil.copytree(made, editions / f"{study}-more{mark}")
    shutil.copytree(made, editions / f"{study}{mark}.partial")
    shutil.copytree(made, editions / f"{study}-0123456789ab")
    later = editions / f"{study}-0123456789ab" / "manifest.json"
    os.utime(later, (2e9, 2e9))
    found = edition_of(cluster(study=study))
    assert found is not None
    assert found.path == later.parent
    assert edition_of(cluster()) is None
    assert edition_of(cluster(study="another")) is None


def test_what_is_missing_is_said_until_all_is_found(editions: Path, made: Path) -> None:
    study = made.name[:-13]
    edition = edition_of(cluster(study=study))
    assert edition is not None
    region, code = (edition.table(name)[name[:-1]][0].as_py() for name in ("regions", "clusters"))
    assert "names no study" in missing_link(cluster())
    assert "«another»" in missing_link(cluster(study="another"))
    assert "no region" in missing_link(cluster(study=study))
    assert "«XX»" in missing_link(cluster(study=study, region="XX"))
    assert "no cluster" in missing_link(cluster(study=study, region=region))
    assert missing_link(cluster(study=study, region=region, cluster=code)) == ""


def test_rows_and_names_speak_the_language_in_use(editions: Path, made: Path) -> None:
    edition = edition_of(cluster(study=made.name[:-13]))
    assert edition is not None
    first = edition.table("regions").to_pylist()[0]
    assert rows(edition, "regions", region=first["region"]) == [first]
    assert rows(edition, "no_such_table", region="x") == []
    with use("ky"):
        assert names(edition, "regions")[first["region"]] == first["name_ky"]


def test_an_edition_that_was_changed_is_refused(editions: Path, made: Path) -> None:
    with (editions / made.name / "regions.parquet").open("ab") as file:
        file.write(b"more")
    with pytest.raises(AlmazError, match="changed after it was made"):
        edition_of(cluster(study=made.name[:-13]))
