"""What a DAG does and what its machine does, run with the same outcomes and compared.

``observed`` is what both sides share: the outcomes that are given and the observables of a run;
``vectors`` lists outcomes worth trying; ``dag_run`` is Airflow's side, without Airflow.
"""
