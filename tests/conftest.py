"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("busy", deadline=None)  # a machine that does other things is no failure
settings.load_profile("busy")
