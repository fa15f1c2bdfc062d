"""Letters to people who sign in: in each one's own language, sent by the worker, so that a slow mail server delays no page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.translation import override
from django_tasks import task

from almaz.language import use
from almaz.web.accounts.models import User

Said = Callable[[User], tuple[str, str]]
"""Gives subject and text in the language then in use."""


@task()  # type: ignore[untyped-decorator,unused-ignore]
def send(to: str, subject: str, text: str) -> None:
    """Hand one letter to the mail server."""
    send_mail(subject, text, None, [to])


@contextmanager
def language_of(person: User) -> Iterator[None]:
    """Speak the person's language inside the block, in addresses too."""
    with use(person.language), override(person.language):
        yield


def write(person: User, said: Said) -> None:
    """Leave a letter for the worker. The letter goes with the transaction: what is rolled back is not announced."""
    if not person.is_active or not person.email:
        return
    with language_of(person):
        subject, text = said(person)
    send.enqueue(person.email, " ".join(subject.split()), text)


def site_address(view: str, *args: object) -> str:
    """The whole address of a page in the language in use, for a letter."""
    return settings.SITE_ADDRESS.rstrip("/") + reverse(view, args=args)
