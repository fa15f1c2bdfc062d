"""Addresses of the programme's own pages, under the cluster's."""

from __future__ import annotations

from django.urls import path, register_converter

from almaz.web.projects.views import figures, loop, stages, taking, telling


class Download:
    """The forms in which a table with a picture is taken along."""

    regex = "svg|xlsx|csv"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


register_converter(Download, "download")

app_name = "projects"
urlpatterns = [
    path("dashboard/", telling.dashboard, name="dashboard"),
    path("take/", taking.take, name="take"),
    path("take/edition/", taking.drafted, name="drafted"),
    path("take/<int:pk>/", taking.previewed, name="preview"),
    path("take/<int:pk>/make/", taking.made, name="made"),
    path("plan/", figures.plan, name="plan"),
    path("plan/projects.<download:form>", figures.plan_file, name="plan_file"),
    path("money/", figures.money, name="money"),
    path("money/money.<download:form>", figures.money_file, name="money_file"),
    path("risk-matrix/", figures.risk_matrix, name="risk_matrix"),
    path("risk-matrix/risks.<download:form>", figures.risk_file, name="risk_file"),
    path("measured/", figures.measured, name="measured"),
    path("measured/indicators.<download:form>", figures.measured_file, name="measured_file"),
    path("audit/", figures.audited, name="audit"),
    path("audit/begin/", figures.audit_begun, name="audit_begun"),
    path("stages/", stages.stages, name="stages"),
    path("stages/begin/", stages.begun, name="begun"),
    path("stages/<int:pk>/pass/", stages.passed, name="pass"),
    path("stages/<int:pk>/take-back/", stages.taken_back, name="take_back"),
    path("stages/criteria/<int:pk>/confirm/", stages.confirmed, name="confirm"),
    path("stages/criteria/<int:pk>/doubt/", stages.doubted, name="doubt"),
    path("tell/<int:pk>/", telling.progress, name="progress"),
    path("tell/milestone/<int:pk>/", telling.reached, name="reached"),
    path("tell/task/<int:pk>/", telling.done, name="done"),
    path("report/begin/", telling.report_begun, name="report_begun"),
    path("report/<int:pk>/report.<slug:form>", telling.report, name="report"),
    path("evaluation/", loop.evaluation, name="evaluation"),
    path("evaluation/take/", loop.amendments_taken, name="amendments_taken"),
    path("evaluation/<int:pk>/task/", loop.tasked, name="tasked"),
    path("evaluation/<int:pk>/<slug:decision>/", loop.decided, name="decided"),
]
