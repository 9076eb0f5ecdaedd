"""The rule ``cost-estimate``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.templates import is_express
from dagmig.lint.machine.transitions import Entered, entered, items
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

PRICE = 0.025  # USD for 1,000 transitions in most regions, https://aws.amazon.com/step-functions/pricing/


@machine_rule(Severity.INFO, is_default=False)
def cost_estimate(subject: Subject) -> Iterator[Finding]:
    """What the executions of a Standard workflow cost, as an estimate.

    A Standard workflow is paid by the transition: each state that is entered, each attempt of a retry. The
    finding says for every such machine how many states an execution enters on its shortest and its longest
    way, and what 1,000 executions cost at 0.025 USD for 1,000 transitions, the price in most regions.
    Retries, caught errors and the rounds of loops come on top, and so do the services that are called.
    See https://aws.amazon.com/step-functions/pricing/

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          StateMachineType: EXPRESS
          LoggingConfiguration: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: l}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Where it is too much, let short work be Express, or do more in each state.
    """
    found = None if is_express(subject) else entered(subject.machine.root)
    if found is None:
        return
    said = f"an execution enters {_states(found)}, 1,000 executions cost {_cost(found)}"
    parts = [
        f"each item of `{state.name}` enters {_states(one)} more"
        for state, one in items(subject.machine.root)
    ]
    yield Finding("; ".join((said, *parts)), subject.machine.locate("/StartAt", True))


def _states(found: Entered) -> str:
    few, most = found.fewest, found.most
    counted = f"{few}" if few == most else f"{few} or more" if most is None else f"{few} to {most}"
    return f"{counted} {'state' if counted == '1' else 'states'}"


def _cost(found: Entered) -> str:
    low = f"{found.fewest * PRICE:.3f}"
    if found.most is None:
        return f"{low} USD or more"
    high = f"{found.most * PRICE:.3f}"
    return f"{low} USD" if low == high else f"{low} to {high} USD"
