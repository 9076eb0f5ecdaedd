"""The actions of AWS's services that the linter ships are those of botocore's models."""

from __future__ import annotations

import io
import zipfile

from tests.oracles.service_catalogue import built

from dagmig.asl.services import CATALOGUE


def test_catalogue_is_what_the_models_say() -> None:
    with zipfile.ZipFile(CATALOGUE) as shipped, zipfile.ZipFile(io.BytesIO(built())) as fresh:
        assert shipped.namelist() == fresh.namelist()
        stale = [name for name in fresh.namelist() if shipped.read(name) != fresh.read(name)]
    assert stale == [], "python -m tests.oracles.service_catalogue --write"
