"""Ways round that other rooms could open."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from almaz.web.accounts.models import Invitation
from almaz.web.centre.access import access_to
from almaz.web.centre.forms import form_class
from almaz.web.centre.kinds import kinds
from almaz.web.centre.models import Membership
from almaz.web.conflicts.models import Conflict
from almaz.web.participants.models import Organisation
from almaz.web.projects.forms import EvidenceForm

SECRET = "Кампасыздандыруу талашы"


@pytest.mark.parametrize("kept", ["party", "own"])
def test_an_analyst_cannot_merge_a_party_with_the_own_organisation(world: Any, conflict: Conflict, kept: str) -> None:
    own = Organisation.objects.create(cluster=world.cluster, name="Own", sort="firm")
    Membership.objects.filter(user=world.people["analyst"]).update(organisation=own)
    first, second = (world.firm, own) if kept == "party" else (own, world.firm)
    address = f"/en/centre/fruits/duplicates/{first.pk}/{second.pk}/"
    assert world.client("analyst").post(address).status_code == 403
    assert world.client("analyst").get(f"/en/centre/fruits/conflicts/{conflict.pk}/").status_code == 404
    assert world.client("manager").post(address).status_code == 302
    assert SECRET in world.client("member").get(f"/en/centre/fruits/conflicts/{conflict.pk}/").content.decode()


def test_nobody_signs_in_for_it_yet_but_somebody_is_invited(world: Any, conflict: Conflict) -> None:
    own = Organisation.objects.create(cluster=world.cluster, name="Own", sort="firm")
    other = Organisation.objects.create(cluster=world.cluster, name="Other", sort="firm")
    address = f"/en/centre/fruits/duplicates/{other.pk}/{own.pk}/"
    Invitation.objects.create(cluster=world.cluster, email="x@example.org", role="member", organisation=own)
    assert world.client("analyst").post(address).status_code == 403
    Invitation.objects.all().delete()
    assert world.client("analyst").post(address).status_code == 302


def test_no_project_names_a_conflict_as_its_evidence(world: Any, conflict: Conflict) -> None:
    access = access_to(world.people["manager"], "fruits")
    found = [kind for kind in kinds().values() if kind.form and issubclass(kind.form, EvidenceForm)]
    assert found
    for kind in found:
        form = form_class(kind)(access, instance=kind.model(cluster=world.cluster))
        form.cleaned_data = {"record": f"organisations/{world.firm.pk}"}
        assert form.clean_record() == f"organisations/{world.firm.pk}"
        form.cleaned_data = {"record": f"conflicts/{conflict.pk}"}
        with pytest.raises(ValidationError):
            form.clean_record()
