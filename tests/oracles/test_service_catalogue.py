"""The actions of AWS's services that the linter ships are botocore's, what IAM says of them is AWS's."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from tests.oracles import authorization, parameter_texts, service_catalogue, service_spelling

from dagmig.asl.services import CATALOGUE, services
from dagmig.asl.services.authorization import AUTHORIZATION, privilege
from dagmig.asl.services.spelling import SPELLINGS
from dagmig.asl.services.texts import TEXTS


@pytest.mark.parametrize(
    ("place", "maker"),
    [(CATALOGUE, service_catalogue), (AUTHORIZATION, authorization), (SPELLINGS, service_spelling)],
)
def test_what_is_shipped_is_what_is_published(place: Path, maker: ModuleType) -> None:
    with zipfile.ZipFile(place) as shipped, zipfile.ZipFile(io.BytesIO(maker.built())) as fresh:
        assert shipped.namelist() == fresh.namelist()
        stale = [name for name in fresh.namelist() if shipped.read(name) != fresh.read(name)]
    assert stale == [], f"python -m {maker.__name__} --write"


def test_the_parameters_that_are_text_are_those_of_the_models() -> None:
    assert TEXTS.read_text(encoding="utf-8") == parameter_texts.built(), (
        "python -m tests.oracles.parameter_texts --write"
    )


def test_both_lists_of_permissions_agree() -> None:
    """The catalogue's permissions, from one list, are actions of the other; few are newer than it."""
    named = {
        action.permission
        for one in services().values()
        for action in one.actions.values()
        if action.permission
    }
    unknown = {name for name in named if privilege(name) is None}
    print(f"{len(named)} permissions, {len(unknown)} of them not in the reference")
    assert len(unknown) < len(named) / 10
