"""A DAG run by Airflow's own rules, without Airflow: outcomes in, observables out."""
