"""The two executable models, Airflow's and Step Functions', and their comparison."""
