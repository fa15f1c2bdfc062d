"""The survey's pages: the questionnaire by a link or for members, sending the links, closing a wave."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from almaz.impact.survey import questionnaire
from almaz.language import LANGUAGES, date, language, texts, use
from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.letters import send, site_address
from almaz.web.centre.roles import Role
from almaz.web.exports import table_response
from almaz.web.figures import figure_response
from almaz.web.participants.models import Answer, Invitation, Wave
from almaz.web.participants.survey_results import BLOCKS, items, results

SALT = "almaz.survey"


def link_token(invitation: Invitation) -> str:
    """What the link of an invitation bears: signed, so that nobody can make one; it serves until it is answered."""
    return signing.dumps([invitation.wave_id, invitation.organisation_id], salt=SALT, compress=True)


class AnswerForm(forms.Form):
    """The statements, each with the scale and «I do not know»."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = questionnaire()
        scale = [(str(value), str(value)) for value in range(asked.lowest, asked.highest + 1)]
        for item in items():
            self.fields[item.name] = forms.ChoiceField(
                label=item.text[language()], choices=[*scale, ("", _("I do not know"))], required=False,
                widget=forms.RadioSelect,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """At least one statement must be answered."""
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Nothing is marked yet."))
        return cleaned

    def blocks(self) -> list[tuple[str, list[Any]]]:
        """(title, statements) of each block, for the page."""
        return [(questionnaire().title(block), [self[item.name] for item in items() if item.block == block])
                for block in BLOCKS]  # fmt: skip


@never_cache
def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The questionnaire for whoever holds the link, once. Everybody may open this page: the link is the permission."""
    try:
        wave, organisation = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise Http404 from None
    invitation = Invitation.objects.filter(wave=wave, organisation=organisation, wave__deleted=None)
    found = get_object_or_404(invitation.select_related("wave__cluster", "organisation"))
    return _answer(request, found, "web/base.html", {})


answer_by_link.least = None


@never_cache
@of_cluster(Role.MEMBER)
def member_answer(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """The questionnaire for a signed-in member, who answers for its organisation."""
    wave = get_object_or_404(Wave.of(access.cluster), pk=pk)
    wave.ask()
    found = get_object_or_404(Invitation, wave=wave, organisation=access.organisation)
    return _answer(request, found, "centre/base.html", {"access": access})


def _answer(request: HttpRequest, invitation: Invitation, frame: str, more: dict[str, Any]) -> HttpResponse:
    wave = invitation.wave
    state = "answered" if invitation.answered else "open" if wave.open else "over" if wave.over else "early"
    form = AnswerForm(request.POST if request.method == "POST" and state == "open" else None)
    if request.method == "POST" and state == "open" and form.is_valid():
        with transaction.atomic():
            first = Invitation.objects.filter(pk=invitation.pk, answered=False).update(answered=True)
            if first:
                Answer.objects.create(
                    wave=wave, values={name: int(value) for name, value in form.cleaned_data.items() if value}
                )
        return redirect(request.get_full_path())
    asked, spoken = questionnaire(), language()
    held = {
        "wave": wave, "organisation": invitation.organisation, "state": state, "form": form, "frame": frame,
        "lowest": asked.lowest, "highest": asked.highest, "ends": {key: said[spoken] for key, said in asked.anchors.items()},
    }  # fmt: skip
    wrong = request.method == "POST" and state == "open"
    return render(request, "participants/answer.html", held | more, status=422 if wrong else 200)


def _wave(access: Access, pk: int) -> Wave:
    found: Wave = get_object_or_404(Wave.of(access.cluster), pk=pk)
    return found


@require_POST
@of_cluster(Role.MANAGER)
def closed(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """End a wave before its day; it cannot be opened again."""
    wave = _wave(access, pk)
    if not wave.over:
        wave.closed = timezone.localdate()
        wave.save()
        messages.success(request, _("The wave is over."))
    return redirect("centre:shown", access.cluster.slug, "surveys", pk)


def _links(wave: Wave) -> list[tuple[Invitation, list[str], str]]:
    """Who has not answered, their addresses, and the link of each."""
    wave.ask()
    waiting = wave.invitations.filter(answered=False, organisation__deleted=None).select_related("organisation")
    made = []
    for one in waiting.order_by("organisation__name"):
        people = one.organisation.people.exclude(email="").values_list("email", flat=True)
        addresses = [one.organisation.email] if one.organisation.email else list(people[:1])
        made.append((one, addresses, site_address("survey_by_link", link_token(one))))
    return made


@require_POST
@of_cluster(Role.MANAGER)
def sent(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Send the links by e-mail to whoever has not answered and has an address."""
    wave = _wave(access, pk)
    if wave.open:
        reached = [(one, to, link) for one, to, link in _links(wave) if to]
        with transaction.atomic():
            for _one, to, link in reached:
                subject, body = _letter(wave, link)
                send.enqueue(to[0], " ".join(subject.split()), body)
            wave.invitations.filter(pk__in=[one.pk for one, _to, _link in reached]).update(sent=timezone.localdate())
        messages.success(request, texts("{number} letter sent.", "{number} letters sent.", len(reached)))
    return redirect("centre:shown", access.cluster.slug, "surveys", pk)


def _letter(wave: Wave, link: str) -> tuple[str, str]:
    """Subject and body in the three languages, that of the sender first; the link opens the page in its language."""
    spoken = language()
    parts = []
    for one in (spoken, *(other for other in LANGUAGES if other != spoken)):
        with use(one):
            parts.append(_(
                "The coordination centre of «{cluster}» asks your organisation to answer a short questionnaire: twelve "
                "statements about trust, readiness to cooperate and technological culture. Answers are confidential: the "
                "centre sees only what at least five answered together. Open until {day}:\n{link}",
                cluster=wave.cluster, day=date(wave.closes), link=link.replace(f"/{spoken}/", f"/{one}/", 1),
            ))  # fmt: skip
    return f"{wave.cluster}: {wave.title}", "\n\n".join(parts)


@of_cluster(Role.MANAGER)
def links(_request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """The links of whoever has not answered, to be handed out otherwise than by e-mail."""
    wave = _wave(access, pk)
    if not wave.open:
        raise Http404
    rows = [(str(one.organisation), ", ".join(to), link) for one, to, link in _links(wave)]
    headings = [_("organisation"), _("e-mail"), _("link")]
    return table_response(f"{access.cluster.slug}-survey-{wave.pk}", "xlsx", headings, rows)


@of_cluster(Role.MEMBER)
def result_file(request: HttpRequest, access: Access, pk: int, name: str, form: str) -> HttpResponse:  # noqa: ARG001
    """One figure of a wave's results as a file."""
    found = {one.name: one for one in results(_wave(access, pk))}
    if name not in found:
        raise Http404
    return figure_response(found[name], f"{access.cluster.slug}-{name}", form, str(access.cluster))
