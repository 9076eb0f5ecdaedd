"""Cycles: states that lead back to themselves become one task, as a DAG has no cycles."""

from dagmig.asl.lift.loops.convert import convert, in_one_task, without_loops

__all__ = ["convert", "in_one_task", "without_loops"]
