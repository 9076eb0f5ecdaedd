"""What the system tests of Airflow's providers import of a package that is not published; ours, not Airflow's."""
