"""Addresses of accounts: ours, and those of django-allauth that this site has. The rest of allauth's pages do not exist here."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from almaz.web.accounts import everybody, views

urlpatterns = [
    path("", views.profile, name="account_profile"),
    path("sign-ins/", views.sign_ins, name="account_sign_ins"),
    path("invitation/<str:signed>/", views.invitation, name="account_invitation"),
    path("first/<str:signed>/", views.first, name="account_first"),
    path("everybody/", everybody.everybody, name="account_everybody"),
    path("everybody/invite/", everybody.invite, name="account_invite"),
    path("everybody/invitations/<int:pk>/revoke/", everybody.withdraw, name="account_withdraw"),
    path("everybody/<int:pk>/", everybody.change, name="account_change"),
    path("everybody/sign-ins/", everybody.door, name="account_door"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("email/", RedirectView.as_view(pattern_name="account_profile"), name="account_email"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
