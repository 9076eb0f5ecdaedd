"""Calls of a running Airflow, made inside tasks."""

from __future__ import annotations


def create_airflow_connection(connection_id, connection_conf, *args, **kwargs):
    raise RuntimeError("no Airflow to call")


def delete_airflow_connection(connection_id, *args, **kwargs):
    raise RuntimeError("no Airflow to call")


def make_authenticated_rest_api_request(path, method, body=None):
    raise RuntimeError("no Airflow to call")
