"""Jinja templates as JSONata: what Airflow renders when a task runs, computed by the state itself."""
