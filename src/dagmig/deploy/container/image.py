"""The Dockerfile of a function that runs in a container."""

from __future__ import annotations

import json

DOCKERFILE = """\
# docker build -t IMAGE . && docker push IMAGE
FROM public.ecr.aws/docker/library/python:{version}-slim
{programs}WORKDIR /task
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN useradd --no-create-home task
USER task
ENTRYPOINT ["python", "-u", "container.py"]
"""
PROGRAMS = """\
# The programs that the command runs, by their Debian packages:
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
"""


FALLBACK = """\
# docker build -f BUNDLE/container/Dockerfile --build-context bundle=BUNDLE/container -t IMAGE PROJECT
# PROJECT is the folder that dagmig takes for the project's, whose .dockerignore keeps out what is no code.
FROM public.ecr.aws/docker/library/python:{version}-slim
COPY --from=bundle requirements.txt /opt/dagmig/
RUN pip install --no-cache-dir -r /opt/dagmig/requirements.txt
COPY . /opt/project
COPY --from=bundle runner.py container.py /opt/dagmig/
RUN useradd --create-home task
USER task
ENV DAGMIG_DAG_FILE={file} AIRFLOW__CORE__LOAD_EXAMPLES=False
WORKDIR /opt/project
ENTRYPOINT ["python", "-u", "/opt/dagmig/container.py"]
"""
VERSION = "3.12"  # of Python


def dockerfile(*, runs_commands: bool) -> str:
    """The text; what ``runs_commands`` needs programs for them."""
    return DOCKERFILE.format(version=VERSION, programs=PROGRAMS if runs_commands else "")


def fallback_dockerfile(file: str) -> str:
    """That of an image with Airflow and the project; ``file`` is the DAG's within the project."""
    quoted = json.dumps(f"/opt/project/{file}")
    return FALLBACK.format(version=VERSION, file=quoted)
