"""A draft of the shipped illustration (Issyk-Kul raion, fruits; its judgements are made up and say so)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import almaz
from almaz.language import use
from almaz.programme.writing import write_toml
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.programme import drafts
from almaz.study.run import run
from almaz.web.projects.models import Draft, Project

RAION, FRUITS = "41702215", "fruits"


@pytest.fixture(scope="session")
def illustration(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    sample = Path(almaz.__file__).parent / "samples" / "kyrgyzstan_2021"
    return run(load(sample / "illustration.toml"), tmp_path_factory.mktemp("illustration"))


@pytest.fixture(scope="session")
def drafted(illustration: Edition, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The draft as TOML, by language."""
    made = {}
    for language in ("en", "ru", "ky"):
        with use(language):
            file = write_toml(
                drafts(illustration)[0], tmp_path_factory.mktemp("toml") / f"{language}.toml", "Issyk-Kul", "Fruits"
            )
        made[language] = file.read_bytes()
    return made


@pytest.fixture
def linked(world: Any, illustration: Edition, settings: Any) -> Iterator[Any]:
    """The world, with its first cluster linked to the edition."""
    there = settings.HOME / "editions" / illustration.path.name
    before = there.exists()  # another test may have published it
    shutil.copytree(illustration.path, there, dirs_exist_ok=True)
    cluster = world.cluster
    cluster.study, cluster.region, cluster.cluster = illustration.path.name[:-13], RAION, FRUITS
    cluster.save()
    yield world
    if not before:
        shutil.rmtree(there)


@pytest.fixture
def taken(linked: Any) -> Any:
    """The same, its draft taken by the analyst."""
    client = linked.client("analyst")
    client.post("/en/centre/fruits/take/edition/")
    draft = Draft.objects.get()
    client.post(f"/en/centre/fruits/take/{draft.pk}/make/")
    assert Project.objects.count() == 14
    return linked
