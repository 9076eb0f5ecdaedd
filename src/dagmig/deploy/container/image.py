"""The Dockerfile of a function that runs in a container."""

from __future__ import annotations

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


VERSION = "3.12"  # of Python


def dockerfile(*, runs_commands: bool) -> str:
    """The text; what ``runs_commands`` needs programs for them."""
    return DOCKERFILE.format(version=VERSION, programs=PROGRAMS if runs_commands else "")
