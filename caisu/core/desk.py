"""What forms of the desk have in common: every field of them says what it is."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.utils.translation import gettext_lazy


class MomentWidget(AdminSplitDateTime):
    """The admin's two inputs, each of which says what it is; the same in every language.

    The formats of Chinese leave out the seconds: each save would have cut them off.
    """

    def __init__(self, attrs=None):
        super().__init__(attrs)
        date, time = self.widgets
        date.attrs["aria-label"], date.format = gettext_lazy("Date"), "%Y-%m-%d"
        time.attrs["aria-label"], time.format = gettext_lazy("Time"), "%H:%M:%S"


# For formfield_overrides of an admin.
MOMENTS: Mapping[type[models.Field], Mapping[str, Any]] = {
    models.DateTimeField: {"widget": MomentWidget}
}


class NamedCells:
    """For lists in which something can be changed: a field in a row is called as its column is."""

    def get_changelist_formset(self, request, **kwargs):
        formset = super().get_changelist_formset(request, **kwargs)
        for name in self.list_editable:
            field = formset.form.base_fields[name]
            field.widget.attrs["aria-label"] = field.label
        return formset
