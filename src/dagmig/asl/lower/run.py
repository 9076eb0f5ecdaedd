"""What an execution finds out before its first task: the run's dates and Airflow Variables, if any is used.

The input is ``{"scheduled_time": ..., "logical_date": ..., "run_type": ..., "conf": {...}}``, each of them
optional: a schedule gives the time it fires for, who starts a run by hand may give its logical date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dagmig.asl.lower.dates import NAMES, Dates
from dagmig.asl.lower.names import Names, identifier
from dagmig.asl.lower.scene import START_TIME, Rendering, Untranslatable
from dagmig.integrations.clock import INTERVAL_END

PARAMETERS = "/airflow/variables/"  # https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/secrets-backends/aws-ssm-parameter-store.html
GET_PARAMETER = "arn:aws:states:::aws-sdk:ssm:getParameter"
NOT_FOUND = "Ssm.ParameterNotFoundException"


@dataclass(slots=True)
class Run:
    """``moments`` and ``variables`` (a Variable's name and the JSONata of its default) that states use.

    ``is_told``: the user or the file says which Airflow the DAG runs on.
    """

    dates: Dates
    rendering: Rendering
    is_told: bool = False
    moments: set[str] = field(default_factory=set)
    variables: dict[str, str | None] = field(default_factory=dict)

    def fresh(self) -> Run:
        """The same, of which nothing is used yet."""
        return Run(self.dates, self.rendering, self.is_told)

    def moment(self, name: str) -> str:
        """The JSONata variable that holds one of the run's dates. Raises ``Untranslatable``."""
        if name == INTERVAL_END and self.dates.is_asset:
            return START_TIME
        name = self.dates.same_as("data_interval_end" if name == INTERVAL_END else name)
        self.dates.of(name)
        self.moments.add(name)
        return f"${name}"

    def lookup(self, name: str, default: str | None) -> str:
        """The JSONata variable that holds an Airflow Variable. Raises ``Untranslatable``."""
        held = self.variables.setdefault(name, default)
        if held != default:
            raise Untranslatable(f"the Variable {name} with another default than elsewhere")
        return f"${variable(name)}"

    @property
    def is_used(self) -> bool:
        return bool(self.moments or self.variables)

    def states(self, names: Names, start: str) -> tuple[str, dict[str, Any]]:
        """The first state and the states before ``start``."""
        found: dict[str, Any] = {}
        after = start
        for name in sorted(self.variables, reverse=True):
            state = names.state(f"Variable {name}")
            found = {**self._looked_up(state, name, after, names), **found}
            after = state
        if self.moments:
            state = names.state("Run dates")
            assigned = {name: f"{{% {self.dates.of(name)} %}}" for name in NAMES if name in self.moments}
            found = {state: {"Type": "Pass", "Assign": assigned, "Next": after}, **found}
            after = state
        return after, found

    def _looked_up(self, state: str, name: str, after: str, names: Names) -> dict[str, Any]:
        held, default = variable(name), self.variables[name]
        found: dict[str, Any] = {
            "Type": "Task",
            "Resource": GET_PARAMETER,
            "Arguments": {"Name": PARAMETERS + name, "WithDecryption": True},
            "Assign": {held: "{% $states.result.Parameter.Value %}"},
            "Output": "{% $states.input %}",
            "Next": after,
        }
        if default is not None:
            assign = {held: f"{{% {default} %}}"}
            output = "{% $states.input %}"
            found["Catch"] = [{"ErrorEquals": [NOT_FOUND], "Assign": assign, "Output": output, "Next": after}]
        return {state: found}


def variable(name: str) -> str:
    """The JSONata variable for an Airflow Variable, without ``$``."""
    return f"var_{identifier(name)}"
