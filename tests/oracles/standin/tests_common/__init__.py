"""What the providers' system tests import of a package that is not published; ours, not Airflow's."""
