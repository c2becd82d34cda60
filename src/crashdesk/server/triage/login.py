"""Signing in: our words in allauth's form, the client's address, and no way to sign up by oneself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by whoever runs the server; messages say what to do."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address and password do not belong together. Check both."),
        "too_many_login_attempts": _("Too many failed tries. Wait five minutes, then sign in again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address as the collector handed it over; headers that a client can send are not asked."""
        return str(request.META.get("REMOTE_ADDR", "unknown"))

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing about signing in and out: the page that follows says it."""


class LoginForm(AllauthLoginForm):  # type: ignore[misc]  # allauth has no types
    """E-mail address and password, without placeholders in place of labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autofocus": True}
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
