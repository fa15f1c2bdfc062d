from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.test import Client
from django.urls.resolvers import LocalePrefixPattern

from almaz.errors import AlmazError
from almaz.study.edition import Edition
from almaz.web.accounts.models import User
from almaz.web.observatory.models import Publication, newest
from almaz.web.observatory.publishing import TAKEN, publish, publish_all
from almaz.web.observatory.urls import urlpatterns as observatory
from almaz.web.urls import urlpatterns


def renamed(edition: Edition, folder: Path, name: str, identity: str = "") -> Path:
    """A copy of an edition as if its study were called so."""
    target = folder / f"{name}-copy"
    shutil.copytree(edition.path, target)
    manifest = json.loads((target / "manifest.json").read_text())
    manifest["study"]["study"]["name"] = name
    manifest["identity"] = identity or manifest["identity"]
    (target / "manifest.json").write_text(json.dumps(manifest))
    return target


def test_an_edition_is_taken_into_the_house_and_shown(
    db: None, raions: Edition, settings: object, client: Client
) -> None:
    by = User.objects.create_user("analyst@example.org", "a long pass phrase")
    held = publish(raions.path, by)
    assert (held.published, held.published_by, held.default) == (True, by, True)
    assert held.path.parent == Path(settings.HOME) / "editions"  # type: ignore[attr-defined]
    assert (held.path / "manifest.json").is_file()
    assert held.reading.identity == raions.manifest["identity"]
    assert held.title_ky == "Кыргызстандын райондорунун айыл чарба адистешүүсү, 2021"
    assert not list(held.path.parent.glob("*.partial"))
    assert client.get(f"/ky/e/{held.short}/").status_code == 200


def test_publishing_again_changes_nothing_but_the_time(db: None, raions: Edition) -> None:
    first, again = publish(raions.path), publish(raions.path)
    assert first.pk == again.pk
    assert again.published_at >= first.published_at
    assert Publication.objects.count() == 1


def test_the_newest_edition_of_a_study_is_shown_and_the_older_keeps_its_address(
    db: None, raions: Edition, tmp_path: Path, client: Client
) -> None:
    old = publish(raions.path)
    new = publish(renamed(raions, tmp_path, "kyrgyzstan-raions-2021", "f" * 64))
    assert [one.pk for one in newest()] == [new.pk]
    assert new.short in client.get("/en/kyrgyzstan-raions-2021/").content.decode()
    assert old.short in client.get(f"/en/e/{old.short}/").content.decode()
    new.withdraw()
    assert old.short in client.get("/en/kyrgyzstan-raions-2021/").content.decode()


@pytest.mark.parametrize("name", ["centre", "api", "account", "e", "search", "static", "glossary", "editions"])
def test_a_study_cannot_be_called_as_a_part_of_the_site_is(
    db: None, raions: Edition, tmp_path: Path, name: str
) -> None:
    with pytest.raises(AlmazError, match=name):
        publish(renamed(raions, tmp_path, name))
    assert Publication.objects.count() == 0


def test_every_first_word_of_the_sites_addresses_is_taken() -> None:
    inside = next(one for one in urlpatterns if isinstance(one.pattern, LocalePrefixPattern))
    words = {str(one.pattern).split("/")[0] for one in [*inside.url_patterns, *observatory]} | {"api", "static"}
    assert {word for word in words if word and "<" not in word} <= TAKEN


def test_an_edition_that_was_changed_is_not_published(db: None, raions: Edition, tmp_path: Path) -> None:
    folder = renamed(raions, tmp_path, "changed", "e" * 64)
    with (folder / "portfolio.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(AlmazError, match="changed"):
        publish(folder)
    with pytest.raises(AlmazError, match="no edition"):
        publish(tmp_path / "nowhere")


def test_a_folder_of_editions_is_published_once(db: None, raions: Edition, tmp_path: Path) -> None:
    renamed(raions, tmp_path, "first", "a" * 64)
    renamed(raions, tmp_path, "second", "b" * 64)
    assert {one.study for one in publish_all(tmp_path)} == {"first", "second"}
    assert publish_all(tmp_path) == []
    with pytest.raises(AlmazError, match="no edition"):
        publish_all(tmp_path / "first-copy" / "nothing")


def test_what_is_not_published_is_not_seen(db: None, raions: Edition, client: Client) -> None:
    held = publish(raions.path)
    held.withdraw()
    assert client.get("/en/kyrgyzstan-raions-2021/").status_code == 404
    assert client.get("/api/editions").json() == {"items": [], "count": 0}
