"""A conflict's way through its states."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.roles import Role
from almaz.web.conflicts.models import NEXT, OPEN, Conflict, Status
from almaz.web.conflicts.parties import announce, leads, seen
from almaz.web.uploads import checked


class Move(forms.Form):
    """The new status, the day, and how it ended."""

    to = forms.ChoiceField(choices=Status.choices)
    day = forms.DateField(required=False)
    outcome = forms.CharField(required=False)
    agreement = forms.FileField(required=False, validators=[checked])


@require_POST
@of_cluster(Role.MEMBER)
def moved(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Bring a conflict into another status; its mediator and managers may. A settlement needs its words."""
    form = Move(request.POST, request.FILES)
    with transaction.atomic():
        rows = seen(access, Conflict.of(access.cluster))
        conflict = get_object_or_404(rows.select_for_update(), pk=pk)
        if not leads(access, conflict):
            raise PermissionDenied
        wrong = _fault(form, conflict)
        if wrong:
            messages.error(request, wrong)
        else:
            _bring(conflict, form)
            announce(conflict, access.user)
            messages.success(request, _("Saved."))
    return redirect("centre:shown", access.cluster.slug, "conflicts", pk)


def _fault(form: Move, conflict: Conflict) -> str:
    if not form.is_valid():
        return " ".join(str(error) for errors in form.errors.values() for error in errors)
    if form.cleaned_data["to"] not in NEXT[conflict.status]:
        return _("This conflict cannot become that now.")
    if (form.cleaned_data["day"] or timezone.localdate()) > timezone.localdate():
        return _("The day lies in the future.")
    if form.cleaned_data["to"] == Status.SETTLED and not (form.cleaned_data["outcome"].strip() or conflict.outcome):
        return _("Write what the parties settled on.")
    return ""


def _bring(conflict: Conflict, form: Move) -> None:
    conflict.status = form.cleaned_data["to"]
    conflict.outcome = form.cleaned_data["outcome"].strip() or conflict.outcome
    conflict.agreement = form.cleaned_data["agreement"] or conflict.agreement
    conflict.closed = None if conflict.status in OPEN else form.cleaned_data["day"] or timezone.localdate()
    conflict.save()
