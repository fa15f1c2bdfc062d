"""Forms about people: profile, invitation, its acceptance, a membership."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin

from almaz.language import NAMES
from almaz.language import text as _now
from almaz.web.accounts.models import Invitation, User
from almaz.web.centre.models import Cluster, Membership
from almaz.web.centre.roles import GIVEN
from almaz.web.language import lazy as _
from almaz.web.participants.models import Organisation


class Profile(forms.ModelForm):
    """What a person says of itself."""

    class Meta:
        model = User
        fields = ("name", "language")


class NewPerson(SetPasswordMixin, forms.Form):
    """Name, language and password of somebody who was invited."""

    name = forms.CharField(label=_("name and surname"), max_length=120)
    language = forms.ChoiceField(label=_("language"), choices=list(NAMES.items()))
    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, email: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = User(email=email.lower())

    def clean(self) -> dict[str, Any]:
        """Two equal passwords, hard to guess for this person."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.validate_passwords()
        self.user.name, self.user.language = cleaned.get("name", ""), cleaned.get("language", "en")
        self.validate_password_for_user(self.user)
        return cleaned

    def person(self) -> User:
        """The account, not yet saved."""
        self.user.set_password(self.cleaned_data["password1"])
        return self.user


class FirstPerson(NewPerson):
    """The first administrator, who says its address too."""

    email = forms.EmailField(label=_("e-mail"))
    field_order = ("email", "name", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("", *args, **kwargs)

    def clean_email(self) -> str:
        """As it is kept: in small letters."""
        self.user.email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=self.user.email).exists():
            raise forms.ValidationError(_now("There is an account with this address already."))
        return self.user.email


class Invite(forms.ModelForm):
    """Whom to invite to a cluster, as what."""

    class Meta:
        model = Invitation
        fields = ("email", "name", "role", "organisation", "language")

    def __init__(self, cluster: Cluster, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cluster = cluster
        self.fields["role"].choices = GIVEN
        self.fields["organisation"].queryset = Organisation.of(cluster)

    def clean_email(self) -> str:
        """In small letters; of nobody who belongs to the cluster or is invited already."""
        email = str(self.cleaned_data["email"]).lower()
        if Membership.objects.filter(cluster=self.cluster, user__email=email).exists():
            raise forms.ValidationError(_now("This person belongs to the cluster already."))
        if any(one.open for one in Invitation.objects.filter(cluster=self.cluster, email=email)):
            raise forms.ValidationError(_now("This person is invited already; send that invitation again."))
        return email


class InviteAdministrator(forms.ModelForm):
    """Whom to invite as an administrator."""

    class Meta:
        model = Invitation
        fields = ("email", "name", "language")

    def clean_email(self) -> str:
        """In small letters."""
        return str(self.cleaned_data["email"]).lower()


class MembershipForm(forms.ModelForm):
    """What somebody is in the cluster."""

    class Meta:
        model = Membership
        fields = ("role", "organisation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.of(self.instance.cluster)
