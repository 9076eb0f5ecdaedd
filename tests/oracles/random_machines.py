"""Random machines in both query languages: chains of states with Parallel and Map inside each other.

Every state that works may have Retry and Catch; variables and Choices decide on what comes later. Left out is
what is known to be otherwise in LocalStack, or not known of AWS: an Output that reads what its own state
assigns, variables that may not be assigned, Maps over objects, an error in
those of a Parallel or in Assign and Output of a state that works.
"""

from __future__ import annotations

from random import Random
from typing import Any

RESOURCES = (
    "lambda:invoke",
    "glue:startJobRun.sync",
    "aws-sdk:s3:getObject",
    "sqs:sendMessage.waitForTaskToken",
)
WORKING = ("Task", "Parallel", "Map")
MAX_DEPTH = 2
NAMES = ["States.ALL"], ["Broken"], ["States.TaskFailed"], ["States.Timeout"], ["Other", "Broken"]


def machine(seed: int) -> dict[str, Any]:
    """The same one for the same seed; JSONata or JSONPath, with some states of the other language."""
    random = Random(seed)
    language = random.choice(("JSONata", "JSONata", "JSONPath"))
    found = _Writer(random, language).scope(0, [])
    return {"QueryLanguage": language, **found}


class _Writer:
    def __init__(self, random: Random, language: str) -> None:
        self.random = random
        self.language = language
        self.states = 0
        self.variables = 0

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def scope(self, depth: int, known: list[str]) -> dict[str, Any]:
        """``known`` are the variables of the outer scopes that are assigned for certain."""
        names = [self.name() for _ in range(self.random.randint(1, 3 if depth else 4))]
        known = list(known)
        states: dict[str, Any] = {}
        for name, following in zip(names, [*names[1:], None], strict=True):
            assigned = list(known)
            states[name] = self.state(depth, assigned, following, names[-1])
            if not any(state["Type"] == "Choice" for state in states.values()):
                known = assigned  # what a Choice may jump over is not certain
        return {"StartAt": names[0], "States": states}

    def name(self) -> str:
        self.states += 1
        return f"S{self.states}"

    def state(self, depth: int, known: list[str], following: str | None, last: str) -> dict[str, Any]:
        language = "JSONata" if self.chance(15) else self.language
        kinds = ["Task", "Task", "Task", "Pass", "Wait"]
        kinds += ["Choice"] if following else ["Fail", "Succeed"]
        kinds += ["Parallel", "Map"] if depth < MAX_DEPTH else []
        kind = self.random.choice(kinds)
        state: dict[str, Any] = {"Type": kind}
        if language != self.language:
            state["QueryLanguage"] = language
        if kind in ("Fail", "Succeed"):
            return {**state, **({"Error": "Broken", "Cause": "random"} if kind == "Fail" else {})}
        if kind == "Choice":
            assert following is not None
            rule = self.rule(language, known)
            return {**state, "Choices": [{**rule, "Next": last}], "Default": following}
        state |= self.work(kind, depth, known, language) | self.flow(kind, language, known)
        if kind in WORKING:
            state |= self.policy(language, following)
        if self.chance(50):
            self.variables += 1
            variable = f"v{self.variables}"
            key = variable if language == "JSONata" else f"{variable}.$"
            found = self.expression(language, known)
            state["Assign"] = {key: found if kind not in WORKING or "input.a %" not in found else 1}
            if "Catch" not in state:
                known.append(variable)
        return state | ({"Next": following} if following else {"End": True})

    def work(self, kind: str, depth: int, known: list[str], language: str) -> dict[str, Any]:
        """The fields that are a kind's own."""
        match kind:
            case "Task":
                return {"Resource": f"arn:aws:states:::{self.random.choice(RESOURCES)}"}
            case "Wait":
                return {"Seconds": self.random.randint(0, 9)}
            case "Parallel":
                return {"Branches": [self.scope(depth + 1, known) for _ in range(self.random.randint(1, 3))]}
            case "Map":
                return self.items(depth, known, language)
        return {}

    def items(self, depth: int, known: list[str], language: str) -> dict[str, Any]:
        fields: dict[str, Any] = {"ItemProcessor": self.scope(depth + 1, known)}
        if self.chance(60):
            fields["MaxConcurrency"] = self.random.randint(1, 2)
        if language == "JSONata":
            fields["Items"] = self.random.choice(([], [1, {"a": 2}], "{% [1..3] %}", "{% [$states.input] %}"))
            if self.chance(50):
                fields["ItemSelector"] = {
                    "i": "{% $states.context.Map.Item.Index %}",
                    "in": "{% $states.input %}",
                }
        else:
            fields["ItemsPath"] = "$.items[*]"
            if self.chance(50):
                fields["ItemSelector"] = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "in.$": "$"}
        return fields

    def flow(self, kind: str, language: str, known: list[str]) -> dict[str, Any]:
        """Input and output processing."""
        fields: dict[str, Any] = {}
        if language == "JSONata":
            if kind == "Task" and self.chance(70):
                fields["Arguments"] = {"x": self.expression(language, known), "c": 1}
            if kind == "Parallel" and self.chance(50):
                fields["Arguments"] = {"a": "{% $type($states.input) %}"}
            if self.chance(50):
                found = self.expression(language, known)
                may_fail = kind == "Pass" or "input.a %" not in found
                fields["Output"] = found if may_fail and self.chance(60) else {"o": [1]}
            return fields
        if self.chance(20):
            fields["InputPath"] = self.random.choice((None, "$", "$$.Execution.Input"))
        if kind in ("Task", "Pass") and self.chance(60):
            fields["Parameters"] = {"x.$": self.expression(language, known), "c": {"d.$": "$"}, "k": [1]}
        if kind in WORKING and self.chance(30):
            fields["ResultSelector"] = {"r.$": "$", "n": 1}
        if kind != "Wait" and self.chance(40):
            fields["ResultPath"] = self.random.choice((None, "$", "$.kept", "$.deep.kept"))
        if self.chance(15):
            fields["OutputPath"] = self.random.choice((None, "$", "$$.State"))
        return fields

    def expression(self, language: str, known: list[str]) -> str:
        names = [f"${name}" for name in known[-3:]]
        if language == "JSONata":
            inner = self.random.choice(
                [
                    "$states.input",
                    "$states.input.a",
                    "$exists($states.input.a) ? $states.input.a : 'none'",
                    "$states.context.State.Name & '!'",
                    "$count([$states.input])",
                    "{'k': [1..2], 'n': null}",
                    "$type($states.input)",
                    *names,
                    *(f"[{name}, 1]" for name in names),
                ]
            )
            return f"{{% {inner} %}}"
        return self.random.choice(
            [
                "$",
                "$.a",
                "$.items[*]",
                "$$.State.Name",
                "States.Array(1, 'x', $$.State.Name)",
                "States.Format('{} {}', $$.State.Name, 7)",
                *names,
                *(f"States.Array({name})" for name in names),
            ]
        )

    def rule(self, language: str, known: list[str]) -> dict[str, Any]:
        if language == "JSONata":
            names = [f"${name} = 1" for name in known[-2:]]
            conditions = [
                "true",
                "false",
                "$exists($states.input.a)",
                "$type($states.input) = 'array'",
                *names,
            ]
            return {"Condition": f"{{% {self.random.choice(conditions)} %}}"}
        variable = self.random.choice(["$", "$.a", *(f"${name}" for name in known[-2:])])
        return {
            "Variable": variable,
            **self.random.choice(
                ({"IsPresent": True}, {"IsString": True}, {"NumericGreaterThan": 1}, {"IsNull": False})
            ),
        }

    def policy(self, language: str, target: str | None) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if self.chance(40):
            fields["Retry"] = [
                {"ErrorEquals": self.random.choice(NAMES), "MaxAttempts": self.random.randint(0, 2)}
            ]
        if self.chance(40) and target:
            catcher: dict[str, Any] = {"ErrorEquals": self.random.choice(NAMES), "Next": target}
            if language == "JSONata" and self.chance(50):
                catcher["Output"] = {"e": "{% $states.errorOutput.Error %}", "in": "{% $states.input %}"}
            if language == "JSONPath" and self.chance(50):
                catcher["ResultPath"] = "$.error"
            fields["Catch"] = [catcher]
        return fields
