"""What a converted state machine needs in an Airflow installation: requirements, connections, variables."""
