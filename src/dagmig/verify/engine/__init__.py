"""A strict interpreter of the Amazon States Language, for machines whose Tasks' outcomes are given.

https://states-language.net/spec.html, https://docs.aws.amazon.com/step-functions/latest/dg/
"""

from dagmig.verify.engine.definition import Machine
from dagmig.verify.engine.errors import InvalidMachine
from dagmig.verify.engine.machine import Setting, compile_machine, run
from dagmig.verify.engine.map_state import Reading
from dagmig.verify.engine.task import Outcome, failure
from dagmig.verify.engine.trace import ABSENT, Attempt, Pause, Raised, Trace, Visit

__all__ = [
    "ABSENT",
    "Attempt",
    "InvalidMachine",
    "Machine",
    "Outcome",
    "Pause",
    "Raised",
    "Reading",
    "Setting",
    "Trace",
    "Visit",
    "compile_machine",
    "failure",
    "run",
]
