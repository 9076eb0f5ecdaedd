"""A plan as states, written from its beginning to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dagmig.asl.lower.each import write_each
from dagmig.asl.lower.flow import Jump, Label, Rest, Row, label, resolve
from dagmig.asl.lower.gate import ALWAYS, Deciding, any_of, test_of
from dagmig.asl.lower.giving import bare, give
from dagmig.asl.lower.guards import condition
from dagmig.asl.lower.instances import items_source, write
from dagmig.asl.lower.kept_error import ERROR
from dagmig.asl.lower.outcomes import Facts
from dagmig.asl.lower.plan import Chain, Do, Each, Fork, Gate, Idle, Pick, Plan, steps
from dagmig.asl.lower.rules import BAD, FAILED, SKIPPED, SUCCESS, States
from dagmig.asl.lower.setting import Catcher, Exits, Setting
from dagmig.asl.lower.setting import States as Written
from dagmig.asl.lower.task import field_name, leave
from dagmig.asl.lower.variables import RETURNED, Scope
from dagmig.integrations.asking import STATE
from dagmig.integrations.fragment import ANSWERS

RUN_FAILED, RUN_STATE = Label("\0run failed"), Label("\0run state")
DAG_RUN_FAILED = "DagRunFailed"


def emit(setting: Setting, plan: Plan) -> tuple[str, Written]:
    """The first state's name and the states of a machine."""
    return Emitter(setting).machine(plan)


def name_forks(setting: Setting, plan: Plan) -> None:
    """Name the Parallel states in reading order."""
    match plan:
        case Fork(branches):
            setting.forks[id(plan)] = setting.names.state("Parallel")
            parts: tuple[Plan, ...] = branches
        case Chain(found) | Pick(_, found, _):
            parts = found
        case Gate(_, body):
            parts = (body,)
        case Each(group, body):
            setting.maps[group] = setting.names.state(group)
            parts = (body,)
        case Do():
            parts = ()
    for part in parts:
        name_forks(setting, part)


@dataclass(slots=True)
class Emitter:
    """Writes the states of one workflow; ``names`` are those of the states that were written."""

    setting: Setting
    names: dict[Label, str] = field(default_factory=dict)
    failures: list[Facts] = field(default_factory=list)
    undecided: list[Facts] = field(default_factory=list)
    ended: list[Facts] = field(default_factory=list)
    endings: dict[tuple[Scope, str, str], str] = field(default_factory=dict)

    def machine(self, plan: Plan) -> tuple[str, Written]:
        start, found = self._series(plan, (), self._end_of_run, {})
        if self.undecided:
            found |= self._run_state()
        if self.failures:
            found |= self._run_failed()
        states = resolve(found, self.names)
        return resolve(start, self.names), states

    def _end_of_run(self, facts: Facts) -> Jump:
        ends = self.setting.outcomes.run_ends(facts)
        if ends == {FAILED}:
            return Jump(RUN_FAILED, facts, self.failures)
        if FAILED in ends:
            return Jump(RUN_STATE, facts, self.undecided)
        return Jump(None, facts, self.ended)

    def _run_state(self) -> Written:
        outcomes = self.setting.outcomes
        facts = outcomes.meet(self.undecided)
        tests: dict[str, list[str]] = {}
        for name in outcomes.shape.leaves:
            possible = outcomes.states(name, facts)
            if possible & BAD:
                found = self.setting.seen(name, STATE, ())
                test = test_of(possible & BAD, possible - BAD, is_multiple=outcomes.is_multiple(name))
                tests.setdefault(test, []).append(found)
        name, done = self.setting.names.state("Run state"), self.setting.names.state("Run succeeded")
        self.names[RUN_STATE] = name
        self.failures.append(facts)
        rule = {"Condition": f"{{% {any_of(tests)} %}}", "Next": RUN_FAILED}
        return {name: {"Type": "Choice", "Choices": [rule], "Default": done}, done: {"Type": "Succeed"}}

    def _run_failed(self) -> Written:
        name = self.names[RUN_FAILED] = self.setting.names.state("Run failed")
        leaves = ", ".join(self.setting.outcomes.shape.leaves)
        cause = f"Failed, or not run because a task before it failed: one of {leaves}"[:1024]
        return {name: {"Type": "Fail", "Error": DAG_RUN_FAILED, "Cause": cause}}

    def _series(self, plan: Plan, scope: Scope, rest: Rest, facts: Facts) -> tuple[str, Written]:
        """The entry and the states of parts in a row, where their scope begins."""
        row = self.row(plan, scope, rest)
        first = row.jump(0, facts).take()
        found = self.written(row, scope)
        if first.target is not None and not first.assign:
            return first.target, found
        name = self.setting.names.state("Start" if found else "Done")
        if not first.assign and first.target is None:
            return name, {name: {"Type": "Succeed"}, **found}
        return name, {name: {"Type": "Pass", **_assign(first.assign), **leave(first.target)}, **found}

    def row(self, plan: Plan, scope: Scope, rest: Rest) -> Row:
        parts = plan.parts if isinstance(plan, Chain) else (plan,)
        places = self.setting.places
        return Row(parts, self.setting.outcomes, rest, lambda idle: self._idle(idle, scope), places)

    def _inner(self, plan: Plan, scope: Scope, row: Row, at: int, facts: Facts) -> tuple[Jump, Written]:
        """The way into a part that stays in its scope and goes on with the row's next part."""
        inner = self.row(plan, scope, lambda known: row.jump(at + 1, known))
        first = inner.jump(0, facts).take()
        return first, self.written(inner, scope)

    def written(self, row: Row, scope: Scope) -> Written:
        found: Written = {}
        for at, part in enumerate(row.parts):
            if not row.runs[at] and not row.gates[at]:
                continue
            match part:
                case Do(task):
                    found |= self._do(row, at, task, scope)
                case Fork():
                    found |= self._fork(row, at, part, scope)
                case Gate():
                    found |= self._gate(row, at, part, scope)
                case Pick():
                    found |= self._pick(row, at, part, scope)
                case Each():
                    found |= write_each(self, row, at, part, scope)
                case Idle(task, _):
                    found |= self._rule(row, at, task, scope, self.setting.outcomes.meet(row.gates[at]))
                case Chain():
                    raise AssertionError("no part of a chain is a chain")
        return found

    def _known(self, row: Row, at: int) -> Facts:
        return self.setting.outcomes.meet(row.runs[at] or row.gates[at])

    def _idle(self, idle: Mapping[str, States], scope: Scope) -> dict[str, Any]:
        """``Assign`` for tasks that don't run: their states, and null for what they would have given."""
        variables, depth = self.setting.variables, len(scope)
        return {
            variables.name(task, key, depth): min(states) if key == STATE else self._nothing(task)
            for task, states in idle.items()
            for key in variables.of(task)
            if variables.homes[task, key] <= depth
        }

    def _nothing(self, task: str) -> list[Any] | None:
        """What others get of a task that did not run; of a mapped one Airflow 3 gives the empty list."""
        return [] if task in self.setting.mapped and self.setting.workflow.is_airflow_3 else None

    def landed(self, jump: Jump, name: str, suffix: str, scope: Scope, found: Written) -> str:
        """Where a Choice or a Catch goes: at the end of a scope to a state that ends it."""
        if jump.target is not None:
            return jump.target
        ending = self.endings.get((scope, name, suffix))
        if ending is None:
            ending = self.endings[scope, name, suffix] = self.setting.names.state(name, suffix)
            found[ending] = {"Type": "Succeed"}
        return ending

    def _do(self, row: Row, at: int, task: str, scope: Scope) -> Written:
        found: Written = {}
        part, gates = row.parts[at], row.gates[at]
        if gates:
            known = self.setting.outcomes.meet(gates)
            found |= self._rule(row, at, task, scope, known)
        if not row.runs[at]:
            return found
        facts = self.setting.outcomes.meet(row.runs[at])
        exits, ends = self._exits(row, at, task, scope, facts)
        start, states = write(self.setting, task, exits)
        self.names[label(part, "run")] = start
        return {**found, **states, **ends}

    def _exits(
        self, row: Row, at: int, task: str, scope: Scope, facts: Facts, *, is_output: bool = False
    ) -> tuple[Exits, Written]:
        """The ways on from a task: where it succeeded, skipped itself, or failed and that is caught."""
        setting, found = self.setting, Written()
        outcomes = setting.outcomes
        if outcomes.is_multiple(task, task):
            ended = row.jump(at + 1, outcomes.after_instances(task, facts)).take()
            return Exits(ended.target, ended.assign, (), is_output), found
        success = row.jump(at + 1, outcomes.after_success(task, facts)).take()
        own = self._ended(task, SUCCESS, scope, is_output)
        state = {name: value for name, value in own.items() if value == SUCCESS}
        lost: list[tuple[tuple[str, ...], str]] = []
        if task in outcomes.skipping:
            lost.append((setting.fragments[task].skips, SKIPPED))
        if task in setting.fallible and self._is_caught(row, at, task, scope, facts):
            lost.append((("States.ALL",), FAILED))
        catchers: list[Catcher] = []
        for errors, how in lost:
            jump = row.jump(at + 1, {**facts, task: frozenset({how})}).take()
            target = self.landed(jump, task, f" {how}", scope, found)
            values = {**self._ended(task, how, scope, is_output), **jump.assign}
            catchers.append(Catcher(errors, values, target))
        return Exits(success.target, {**state, **success.assign}, tuple(catchers), is_output), found

    def _is_caught(self, row: Row, at: int, task: str, scope: Scope, facts: Facts) -> bool:
        """Whether a failure has to be caught: not where nothing that follows runs, and the run fails too."""
        setting = self.setting
        failure = row.jump(at + 1, {**facts, task: frozenset({FAILED})})
        ends_run = scope == () and failure.target == RUN_FAILED
        if task not in setting.outcomes.caught:
            if not ends_run and task not in setting.fatal:
                setting.kept.add(task)
            return False
        if ends_run:
            setting.uncaught.add(task)
        return not ends_run

    def _ended(self, task: str, state: str, scope: Scope, is_output: bool) -> dict[str, Any]:
        """What has to be assigned, or given as a branch's output, for a task that ended in a state."""
        keys = self.setting.variables.of(task)
        error = self.setting.fragments[task].error if state == FAILED else ""
        if not is_output:
            found = self._idle({task: frozenset({state})}, scope)
            name = self.setting.variables.name(task, error, len(scope)) if error in keys else ""
            return {**found, name: ERROR} if name else found
        found = {field_name(task, key): state if key == STATE else self._nothing(task) for key in keys}
        return {**found, field_name(task, error): ERROR} if error in keys else found

    def _rule(self, row: Row, at: int, task: str, scope: Scope, facts: Facts) -> Written:
        """The Choice that decides whether a task runs."""
        is_idle = isinstance(row.parts[at], Idle)
        name = self.setting.names.state(task, " skipped?" if is_idle else "?")
        self.names[label(row.parts[at], "gate")] = name
        deciding = self.deciding(task, facts, scope)
        found: Written = {}
        rules: list[dict[str, Any]] = []
        default: dict[str, Any] = {}
        for said, state in deciding.lines():
            states = frozenset({state})
            jump = row.jump(at + 1, {**facts, task: states}).take()
            assign = _assign({**self._idle({task: states}, scope), **jump.assign})
            target = self.landed(jump, task, f" {state}", scope, found)
            if said == ALWAYS:
                default = {"Default": target, **assign}
            else:
                rules.append({"Condition": f"{{% {said} %}}", **assign, "Next": target})
        if not default:
            default = {"Default": label(row.parts[at], "run")}
            row.runs[at].append(facts)
        if not rules:  # what is certain is no choice
            target = default.pop("Default")
            return {name: {"Type": "Pass", **default, "Next": target}, **found}
        return {name: {"Type": "Choice", "Choices": rules, **default}, **found}

    def deciding(self, name: str, facts: Facts, scope: Scope) -> Deciding:
        """The gate of a task, or of a mapped group."""
        return Deciding(
            name,
            self.setting.outcomes,
            facts,
            lambda other, key: self.setting.seen(other, key, scope),
            lambda: items_source(self.setting, name),
        )

    def _fork(self, row: Row, at: int, fork: Fork, scope: Scope) -> Written:
        setting, known = self.setting, self._known(row, at)
        name = self.names[label(fork, "run")] = setting.forks[id(fork)]
        branches: list[dict[str, Any]] = []
        assigned: dict[str, str] = {}
        after = dict(known)
        for place, branch in enumerate(fork.branches):
            start, states, ended = self.branch(branch, scope, known)
            branches.append({"StartAt": start, "States": states})
            after |= {task: ended[task] for task in steps(branch) if task in ended}
            for task, key in setting.variables.leaving(steps(branch), len(scope) + 1):
                source = f"{{% $states.result[{place}].{field_name(task, key)} %}}"
                assigned[setting.variables.name(task, key, len(scope))] = source
        jump = row.jump(at + 1, after).take()
        state: dict[str, Any] = {"Type": "Parallel", "Branches": branches}
        return {name: {**state, **_assign({**assigned, **jump.assign}), **leave(jump.target)}}

    def branch(
        self, plan: Plan, scope: Scope, facts: Facts, *, is_bare: bool = False
    ) -> tuple[str, Written, Facts]:
        """The entry and the states of a branch, and what is known at its end; ``is_bare``: it gives the one
        value that leaves it.
        """
        variables, depth = self.setting.variables, len(scope) + 1
        inner = variables.scopes[next(steps(plan))][:depth]
        leaving = variables.leaving(steps(plan), depth)
        ends: list[Facts] = []
        result = Label(f"\0result:{id(plan)}") if leaving else None
        if leaving and isinstance(plan, Do) and self._is_ungated(plan, facts):
            start, states = self._only(plan, inner, facts, ends, is_bare=is_bare)
            return start, states, self.setting.outcomes.meet(ends)
        start, states = self._series(plan, inner, lambda known: Jump(result, known, ends), facts)
        if not leaving:
            states = {name: without_result(state) for name, state in states.items()}
        if result is not None:
            given = {field_name(t, key): variables.name(t, key, depth) for t, key in leaving}
            if not give(states, result, given, is_bare=is_bare):
                name = self.names[result] = self.setting.names.state(leaving[-1][0], " result")
                output = {field: f"{{% ${variable} %}}" for field, variable in given.items()}
                states[name] = {"Type": "Succeed", "Output": bare(output) if is_bare else output}
        return start, states, self.setting.outcomes.meet(ends)

    def _is_ungated(self, plan: Do, facts: Facts) -> bool:
        probe = self.row(plan, (), lambda known: Jump(None, known, []))
        return probe.jump(0, facts).target == label(plan, "run")

    def _only(
        self, plan: Do, scope: Scope, facts: Facts, ends: list[Facts], *, is_bare: bool
    ) -> tuple[str, Written]:
        """A task that is a whole branch gives what leaves it as its output, without variables."""
        row = self.row(plan, scope, lambda known: Jump(None, known, ends))
        row.jump(0, facts).take()
        exits, others = self._exits(row, 0, plan.task, scope, facts, is_output=True)
        start, states = write(self.setting, plan.task, replace(exits, is_bare=is_bare))
        return start, states | others

    def _gate(self, row: Row, at: int, gate: Gate, scope: Scope) -> Written:
        """The Choice before parts that run only where a guard holds."""
        known, first = self._known(row, at), next(steps(gate.body))
        name = self.names[label(gate, "run")] = self.setting.names.state(first, "?")
        entered, found = self._inner(gate.body, scope, row, at, known)
        rule = {"Condition": self._condition(gate, scope), **_assign(entered.assign), "Next": entered.target}
        default, ended = self._none_of([gate.body], row, at, first, known, scope)
        return {name: {"Type": "Choice", "Choices": [rule], **default}, **found, **ended}

    def _pick(self, row: Row, at: int, pick: Pick, scope: Scope) -> Written:
        """The Choice between parts of which at most one runs."""
        known, found = self._known(row, at), Written()
        name = self.names[label(pick, "run")] = self.setting.names.state(pick.chooser, " choice")
        rules: list[dict[str, Any]] = []
        for arm in pick.arms:
            others = _skipped(other.body for other in pick.arms if other is not arm)
            entered, states = self._inner(arm.body, scope, row, at, {**known, **others})
            assign = _assign({**self._idle(others, scope), **entered.assign})
            rules.append({"Condition": self._condition(arm, scope), "Next": entered.target, **assign})
            found |= states
        if pick.is_total:
            last = rules.pop()
            default = {"Default": last["Next"], **_assign(last.get("Assign", {}))}
        else:
            bodies = [arm.body for arm in pick.arms]
            default, ended = self._none_of(bodies, row, at, pick.chooser, known, scope)
            found |= ended
        return {name: {"Type": "Choice", "Choices": rules, **default}, **found}

    def _none_of(
        self, bodies: list[Plan], row: Row, at: int, first: str, known: Facts, scope: Scope
    ) -> tuple[dict[str, Any], Written]:
        """The Default of a Choice none of whose parts runs, and the state that ends the scope there."""
        skipped, found = _skipped(bodies), Written()
        jump = row.jump(at + 1, {**known, **skipped}).take()
        target = self.landed(jump, first, " skipped", scope, found)
        return {"Default": target, **_assign({**self._idle(skipped, scope), **jump.assign})}, found

    def _condition(self, gate: Gate, scope: Scope) -> str:
        guards = self.setting.outcomes.guards
        said = condition(gate.guard, guards, lambda task: self.setting.seen(task, RETURNED, scope))
        return f"{{% {said} %}}"


def without_result(state: Mapping[str, Any]) -> dict[str, Any]:
    """A branch's last state without what code returned: a Parallel's output is that of all branches."""
    is_code = str(state.get("Resource", "")).endswith(ANSWERS)
    if not is_code or not state.get("End") or "Output" in state:
        return dict(state)
    return {**{name: value for name, value in state.items() if name != "End"}, "Output": {}, "End": True}


def _assign(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"Assign": dict(values)} if values else {}


def _skipped(bodies: Iterable[Plan]) -> dict[str, States]:
    return {task: frozenset({SKIPPED}) for body in bodies for task in steps(body)}
