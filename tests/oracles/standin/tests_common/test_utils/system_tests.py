"""How pytest would run a DAG file; loading one builds nothing with it."""

from __future__ import annotations

import os


def get_test_run(dag, **kwargs):
    def test_run():
        dag.test()

    return test_run


def get_test_env_id(env_var_name="SYSTEM_TESTS_ENV_ID"):
    return os.environ.get(env_var_name)
