"""Airflow's side: DAG source, read without running it and written as people write it."""
