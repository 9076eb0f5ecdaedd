"""The modules of LocalStack's Step Functions interpreter, by short names."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

ROOT = "localstack.services.stepfunctions."
ASL = f"{ROOT}asl."
STATE = f"{ASL}component.state."
WORK = f"{STATE}state_execution."
SERVICE = f"{WORK}state_task.service."


def module(name: str) -> ModuleType:
    return import_module(name)


api = module("localstack.aws.api.stepfunctions")
branches = module(f"{WORK}state_parallel.branch_worker")
callbacks = module(f"{SERVICE}state_task_service_callback")
choice_states = module(f"{STATE}state_choice.state_choice")
choices = module(f"{STATE}state_choice.comparison.comparison_variable")
comparators = module(f"{STATE}state_choice.comparison.comparison_operator_type")
custom_names = module(f"{ASL}component.common.error_name.custom_error_name")
environments = module(f"{ASL}eval.environment")
error_equals = module(f"{ASL}component.common.error_name.error_equals_decl")
error_names = module(f"{ASL}component.common.error_name.error_name")
event_details = module(f"{ASL}eval.event.event_detail")
executions = module(f"{ROOT}backend.execution")
expressions = module(f"{ASL}jsonata.jsonata")
failures = module(f"{ASL}component.common.error_name.failure_event")
intrinsics = module(f"{ASL}component.intrinsic.jsonata")
items = module(f"{WORK}state_map.iteration.iteration_worker")
maps = module(f"{WORK}state_map.iteration.inline_iteration_component")
mocks = module(f"{ROOT}local_mocking.mock_config")
parsers = module(f"{ASL}parse.asl_parser")
paths = module(f"{ASL}utils.json_path")
programs = module(f"{ASL}component.program.program")
result_paths = module(f"{ASL}component.common.path.result_path")
resources = module(f"{SERVICE}resource")
retriers = module(f"{ASL}component.common.retry.retrier_decl")
services = module(f"{SERVICE}state_task_service")
state_values = module(f"{ASL}eval.states")
states = module(f"{STATE}state")
task_factory = module(f"{WORK}state_task.state_task_factory")
tasks = module(f"{WORK}state_task.state_task")
unsupported = module(f"{SERVICE}state_task_service_unsupported")
variable_store = module(f"{ASL}eval.variable_store")
variables = module(f"{STATE}state_choice.comparison.variable")
waits = module(f"{STATE}state_wait.wait_function.wait_function")
working = module(f"{WORK}execute_state")
