"""A DAG run by Airflow's own rules, without Airflow: outcomes in, observables out.

``program(workflow, airflow)`` makes a workflow ready, ``run(program, vector)`` runs it once, and
``admissible(program, vector)`` in every order that can make a difference; ``is_admissible`` asks that of one
outcome.
"""

from dagmig.verify.dag_run.interleavings import Admissible, admissible, is_admissible
from dagmig.verify.dag_run.program import NotModelled, Program, program
from dagmig.verify.dag_run.run import run

__all__ = ["Admissible", "NotModelled", "Program", "admissible", "is_admissible", "program", "run"]
