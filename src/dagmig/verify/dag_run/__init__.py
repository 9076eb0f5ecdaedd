"""A DAG run by Airflow's own rules, without Airflow: outcomes in, observables out.

``program(workflow, airflow)`` makes a workflow ready, ``run(program, vector)`` runs it once, and
``admissible(program, vector)`` in every order that can make a difference; ``is_admissible`` asks that of one
outcome.

Left out: what other runs have to do with (``depends_on_past``, limits of active runs and tasks, pools),
bodies that defer or come back later, mapping inside a mapped group (``NotModelled``), cleared tasks, and in
Airflow 2 the scheduling that a worker does after a task.
"""

from dagmig.verify.dag_run.interleavings import Admissible, admissible, is_admissible
from dagmig.verify.dag_run.program import NotModelled, Program, program
from dagmig.verify.dag_run.run import run

__all__ = ["Admissible", "NotModelled", "Program", "admissible", "is_admissible", "program", "run"]
