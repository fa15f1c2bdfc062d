from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from almaz.web.accounts.models import User
from almaz.web.centre.models import Membership
from almaz.web.centre.roles import Role
from almaz.web.conflicts.models import Conflict, Sort, Step
from almaz.web.participants.models import Organisation

SECRET = "Кампасыздандыруу талашы"
"""Words of the conflict that nobody else may read anywhere."""


@pytest.fixture
def conflict(world: Any) -> Conflict:
    """A conflict between the member's firm and a person of another firm; beside them an outsider who is a member too."""
    rival = Organisation.objects.create(cluster=world.cluster, name="Rival Co", sort="firm")
    for who, role, organisation in (
        ("rival", Role.MEMBER, None),
        ("outsider", Role.MEMBER, rival),
        ("mediator", Role.ANALYST, None),
    ):
        world.people[who] = User.objects.create_user(f"{who}@example.org", name=f"Person {who}")
        Membership.objects.create(cluster=world.cluster, user=world.people[who], role=role, organisation=organisation)
    made = Conflict.objects.create(
        cluster=world.cluster,
        title=SECRET,
        about=f"{SECRET}: about",
        outcome=f"{SECRET}: outcome",
        agreement=SimpleUploadedFile("agreement.txt", SECRET.encode()),
        author=world.people["member"],
        mediator=world.people["mediator"],
    )
    made.organisations.add(world.firm)
    made.people.add(world.people["rival"])
    Step.objects.create(
        cluster=world.cluster,
        conflict=made,
        sort=Sort.MEETING,
        said=f"{SECRET}: said",
        agreed=f"{SECRET}: agreed",
        next=SECRET,
        file=SimpleUploadedFile("minutes.txt", SECRET.encode()),
        author=world.people["manager"],
    )
    return made
