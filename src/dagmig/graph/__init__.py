"""Airflow's view of a workflow: tasks, edges, trigger rules, a schedule."""
