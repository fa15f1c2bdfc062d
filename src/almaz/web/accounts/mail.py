"""Letters: written in the language of the person they go to, sent by the worker, so that no page waits for a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django_tasks import task

from almaz.language import use


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Django and Almaz in one language."""
    with translation.override(language), use(language):
        yield


@task()
def deliver(subject: str, body: str, to: str) -> None:
    """Give a letter to the mail server."""
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [to]).send()


def send(template: str, to: str, language: str, about: dict[str, Any]) -> None:
    """Write a letter from `template`_subject.txt and `template`_message.txt and leave it to the worker."""
    with speaking(language):
        subject = " ".join(render_to_string(f"{template}_subject.txt", about).split())
        body = render_to_string(f"{template}_message.txt", about).strip()
    deliver.enqueue(subject, f"{body}\n", to)


def delivers() -> bool:
    """Whether letters leave the machine; else they are files in the home folder, and addresses must be handed on by hand."""
    return "filebased" not in str(settings.EMAIL_BACKEND)
