from allauth.mfa.utils import is_mfa_enabled
from django import template
from django.conf import settings

from members import addresses, social

register = template.Library()


@register.simple_tag(takes_context=True)
def providers_here(context):
    """The providers of logins that are set up, each with its name.

    A form on this page may then lead to them: the content security policy says so.
    """
    context["request"].form_action = social.origins()
    return [(name, social.PROVIDERS[name][0]) for name in social.enabled()]


@register.simple_tag(takes_context=True)
def second_step_is_off(context):
    """Whether the desk is open by a password alone, and to this member too."""
    return not settings.STAFF_SECOND_FACTOR and not is_mfa_enabled(context["user"])


@register.filter
def provider_name(provider):
    return social.PROVIDERS[provider][0]


@register.filter
def account_name(account):
    return social.name_of(account)


@register.filter
def ends_with_graduation(emailaddresses):
    """Whether all of a member's addresses are the university's."""
    return all(addresses.ends_with_graduation(address.email) for address in emailaddresses)
