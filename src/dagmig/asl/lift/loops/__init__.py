"""Cycles: states that lead back to themselves become one task, as a DAG has no cycles."""

from dagmig.asl.lift.loops.convert import convert
from dagmig.asl.lift.loops.region import contracted

__all__ = ["contracted", "convert"]
