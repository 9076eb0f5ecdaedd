"""Run by a Python with python-hcl2: ``python hcl_worker.py FILE...`` prints what is in Terraform files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import hcl2

if __name__ == "__main__":
    json.dump({file: hcl2.loads(Path(file).read_text(encoding="utf-8")) for file in sys.argv[1:]}, sys.stdout)
