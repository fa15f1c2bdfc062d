"""The form of a task: people of the cluster alone, and a letter to who is to do it."""

from __future__ import annotations

from typing import Any

from almaz.language import date as day
from almaz.language import text as _
from almaz.web.accounts.models import User
from almaz.web.centre.forms import RecordForm
from almaz.web.centre.letters import site_address, write


class TaskForm(RecordForm):
    """A task. Its person is told when it becomes theirs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whose = self.instance.user_id
        people = User.objects.filter(
            memberships__cluster=self.access.cluster, memberships__deleted=None, is_active=True
        )
        self.fields["user"].queryset = people.distinct().order_by("name")

    def _save_m2m(self) -> None:
        super()._save_m2m()
        task = self.instance
        if task.user and task.user_id != self.whose and task.user != self.access.user:
            write(
                task.user,
                lambda _person: (
                    _("{cluster}: a task for you", cluster=task.cluster),
                    f"{task.title}\n{day(task.due)}\n\n{site_address('centre:shown', task.cluster.slug, 'tasks', task.pk)}\n",
                ),
            )
