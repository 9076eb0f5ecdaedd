"""The rule ``state-name-characters``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

ODD = re.compile(r'[<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]')


@machine_rule(Severity.INFO, is_default=False)
def state_name_characters(subject: Subject) -> Iterator[Finding]:
    """The name of a state holds characters that CloudWatch and the console handle badly.

    Step Functions accepts them; in metrics, log queries and the ARNs of executions they have to be escaped.
    There is no fix: another name breaks whatever asks for the state by its name, like alarms and queries.
    See https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html

    ```json bad
    {"StartAt": "Rest / wait", "States": {"Rest / wait": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest or wait", "States": {"Rest or wait": {"Type": "Succeed"}}}
    ```

    Instead: Write letters, digits, blanks, hyphens and underscores.
    """
    for state in subject.states:
        if odd := sorted(set(ODD.findall(state.name.replace("${", "")))):
            shown = " ".join(f"`{one}`" for one in odd)
            yield Finding(f"the name holds {shown}", subject.machine.locate(state.pointer, True))
