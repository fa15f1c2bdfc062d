"""Invitations: a link, signed and valid once, by which a person joins a cluster; and the link of the first administrator."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db import transaction
from django.urls import reverse, translate_url
from django.utils import timezone

from almaz.web.accounts import mail
from almaz.web.accounts.models import VALID, Invitation, User
from almaz.web.centre.models import Membership

SALT = "almaz.invitation"
FIRST = "almaz.first-administrator"
DAY = 24 * 3600


def address(invitation: Invitation) -> str:
    """The path of the page on which it is accepted, in the language of the invited person."""
    signed = signing.dumps([invitation.pk, invitation.turn], salt=SALT)
    return str(translate_url(reverse("account_invitation", args=(signed,)), invitation.language))


def found(signed: str, *, lock: bool = False) -> Invitation | None:
    """The invitation of a link that can still be accepted: signed by us, sent last, not accepted, taken back or out of date."""
    try:
        pk, turn = signing.loads(signed, salt=SALT, max_age=VALID)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows: Any = Invitation.objects.select_for_update() if lock else Invitation.objects.select_related("cluster", "by")
    invitation: Invitation | None = rows.filter(pk=pk, turn=turn).first()
    return invitation if invitation is not None and invitation.open else None


def sent(invitation: Invitation, site: str) -> str:
    """Send its link, and give the whole address. site: scheme and host, such as https://almaz.example.org."""
    whole = site + address(invitation)
    about = {"invitation": invitation, "address": whole}
    mail.send("account/email/invitation", invitation.email, invitation.language, about)
    return whole


def sent_again(invitation: Invitation, site: str) -> str:
    """A new link; the earlier one is void."""
    invitation.turn += 1
    invitation.sent, invitation.revoked = timezone.now(), None
    invitation.save()
    return sent(invitation, site)


def join(signed: str, user: User) -> Invitation | None:
    """Make the invited person a member, or an administrator; None where the invitation was used or taken back meanwhile."""
    with transaction.atomic():
        invitation = found(signed, lock=True)
        if invitation is None:
            return None
        if user.pk is None:
            user.save()
        if invitation.administers:
            user.is_superuser = True
            user.save()
        else:
            mine = Membership.everything.filter(cluster=invitation.cluster, user=user).first()
            mine = mine or Membership(cluster=invitation.cluster, user=user)
            mine.role, mine.organisation, mine.deleted = invitation.role, invitation.organisation, None
            mine.save()
        invitation.accepted = timezone.now()
        invitation.save()
        return invitation


def first_address() -> str | None:
    """The path of the page on which the first administrator is made; None where there is one. Valid for a day, and once."""
    if User.objects.filter(is_superuser=True).exists():
        return None
    return str(reverse("account_first", args=(signing.dumps("first", salt=FIRST),)))


def is_first(signed: str) -> bool:
    """Whether this link may still make the first administrator."""
    try:
        signing.loads(signed, salt=FIRST, max_age=DAY)
    except signing.BadSignature:
        return False
    return not User.objects.filter(is_superuser=True).exists()
