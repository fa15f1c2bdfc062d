"""How participants are listed, shown and edited."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from almaz.language import count, text
from almaz.web.centre.access import Access, clusters_of
from almaz.web.centre.editions import edition_of, names
from almaz.web.centre.kinds import Due, Kind, Page, Room
from almaz.web.centre.roles import Role
from almaz.web.language import lazy as _
from almaz.web.participants.forms import OrganisationForm, PersonForm, PlaceForm, TieForm, WaveForm
from almaz.web.participants.models import Invitation, Organisation, Person, Place, Status, Tie, Wave
from almaz.web.participants.naming import same_elsewhere
from almaz.web.participants.survey_results import wave_page


def more(access: Access, organisation: Organisation) -> dict[str, Any]:
    """For an organisation's page: its industries by name, its ties, and the other clusters that it takes part in."""
    edition = edition_of(access.cluster)
    called = names(edition, "industries") if edition else {}
    ties = [
        *Tie.of(access.cluster).filter(source=organisation, target__deleted=None).select_related("source", "target"),
        *Tie.of(access.cluster).filter(target=organisation, source__deleted=None).select_related("source", "target"),
    ]
    return {
        "industries": [(code, called.get(code, "")) for code in organisation.codes],
        "ties": ties,
        "elsewhere": same_elsewhere(organisation, clusters_of(access.user)),
        "may_tie": access.covers(Role.ANALYST) or access.organisation == organisation,
    }


def glance(access: Access) -> list[tuple[str, str, str]]:
    """Who takes part, how they are tied, and what is asked of them."""
    slug = access.cluster.slug
    organisations = Organisation.of(access.cluster).filter(status=Status.ACTIVE)
    listed = reverse("centre:list", args=(slug, "organisations"))
    made = [
        (text("organisations that take part"), count(organisations.count()), f"{listed}?status={Status.ACTIVE!s}"),
        (
            text("ties"),
            count(_with_ends(Tie.of(access.cluster)).count()),
            reverse("participants:network", args=(slug,)),
        ),
    ]
    for wave in [one for one in Wave.of(access.cluster) if one.open][:1]:
        said = f"{count(wave.answered)} / {count(wave.asked)}"
        made.append((text("answers to the survey"), said, reverse("centre:shown", args=(slug, "surveys", wave.pk))))
    return made


def due(access: Access, today: date) -> list[Due]:
    """The survey, while the person's organisation has not answered it."""
    if access.organisation is None:
        return []
    asked = Invitation.objects.filter(organisation=access.organisation, answered=False, wave__cluster=access.cluster)
    return [
        Due(
            text("questionnaire"), str(one.wave), one.wave.closes,
            reverse("participants:survey_answer", args=(access.cluster.slug, one.wave_id)),
        )
        for one in asked.select_related("wave")
        if one.wave.open and one.wave.closes >= today
    ]  # fmt: skip


def _with_ends(rows: Any) -> Any:
    return rows.filter(source__deleted=None, target__deleted=None)


def _own(access: Access, one: Any) -> bool:
    return access.organisation is not None and access.organisation == one.organisation


ROOM = Room(title=_("Participants"), glance=glance, due=due, pages=(
    Page(_("Network"), "participants:network"),
    Page(_("Map"), "participants:map"),
    Page(_("Duplicates"), "participants:duplicates", Role.ANALYST),
), kinds=(
    Kind(
        name="organisations", model=Organisation, title=_("Organisations"), one=_("organisation"),
        columns=("name", "sort", "place", "industries", "employment", "status"),
        fields=("name", "name_ky", "name_ru", "name_en", "sort", "status", "joined", "left", "tax_id", "industries",
                "employment", "size", "place", "latitude", "longitude", "email", "phone", "website", "about",
                "ties_told", "public"),
        search=("name", "name_ky", "name_ru", "name_en", "tax_id", "place", "industries"), filters=("sort", "status"),
        order=("name",), parts=(("people", "organisation"), ("places", "organisation")), form=OrganisationForm,
        may_change=lambda access, one: access.organisation == one, recognised=(("tax_id",), ("name",)),
        template="participants/organisation.html", more=more,
    ),
    Kind(
        name="people", model=Person, title=_("People"), one=_("person"),
        columns=("name", "organisation", "position", "email", "phone"),
        fields=("name", "organisation", "position", "email", "phone", "initiative"),
        search=("name", "organisation__name"), filters=("organisation",), order=("name",), add=Role.MEMBER,
        visible=lambda _access, rows: rows.filter(organisation__deleted=None).select_related("organisation"),
        may_change=_own, form=PersonForm, recognised=(("email",), ("name", "organisation")),
    ),
    Kind(
        name="places", model=Place, title=_("Places"), one=_("place"),
        columns=("name", "organisation", "address", "employment"),
        fields=("organisation", "name", "address", "latitude", "longitude", "employment"),
        search=("name", "organisation__name", "address"), order=("organisation__name", "name"), add=Role.MEMBER,
        visible=lambda _access, rows: rows.filter(organisation__deleted=None).select_related("organisation"),
        may_change=_own, form=PlaceForm, recognised=(("organisation", "name"),),
        hint=_("Places of organisations besides their seats: workshops, orchards, laboratories."),
    ),
    Kind(
        name="ties", model=Tie, title=_("Ties"), one=_("tie"),
        columns=("source", "target", "layer", "strength", "since"),
        fields=("source", "target", "layer", "mutual", "strength", "since", "evidence"),
        search=("source__name", "target__name", "evidence"), filters=("layer",),
        order=("source__name", "target__name", "layer"), add=Role.MEMBER,
        visible=lambda _access, rows: _with_ends(rows).select_related("source", "target"),
        may_change=lambda access, one: access.organisation is not None and access.organisation in (one.source, one.target),
        form=TieForm, recognised=(("source", "target", "layer"),),
    ),
    Kind(
        name="surveys", model=Wave, title=_("Trust survey"), one=_("wave of the survey"),
        columns=("title", "opens", "closes", "asked", "answered"), fields=("title", "opens", "closes", "about"),
        order=("-opens", "-pk"), add=Role.MANAGER, change=Role.MANAGER, form=WaveForm,
        template="participants/survey.html", more=wave_page,
        hint=_("Technological culture, readiness to cooperate and trust, asked in waves. Answers are confidential: only what "
               "at least five answered together is shown, and only once a wave is over."),
    ),
))  # fmt: skip
