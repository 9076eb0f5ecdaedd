"""States that delete objects of a bucket: some keys, or page by page all that a listing finds.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.integrations.fragment import Expression, Part, Ref
from dagmig.integrations.s3 import PAGE, SDK, listing, turning

KEYS = Expression.of("[$:keys.{'Key': $}]")  # the objects of DeleteObjects for the variable ``:keys``


def deletion(name: str, bucket: Any, objects: Any, onward: Ref) -> dict[str, Mapping[str, Any]]:
    """DeleteObjects answers with the keys it could not delete; the operator fails then, and so does this."""
    errors = Expression.of(f"[{PAGE}.Errors.Key]")
    failed = [{"Condition": Expression.of("$count($:errors) > 0"), "Next": Ref("failed")}]
    cause = Expression.of("'Errors when deleting: ' & $join($:errors, ', ')")
    arguments = {"Bucket": bucket, "Delete": {"Objects": objects}}
    return {
        name: {
            "Type": "Task",
            "Resource": SDK + "deleteObjects",
            "Arguments": arguments,
            "Assign": {":errors": errors},
            "Output": {},
            "Next": Ref("deleted?"),
        },
        "deleted?": {"Type": "Choice", "Choices": failed, "Default": onward},
        "failed": {"Type": "Fail", "Error": "S3DeleteFailed", "Cause": cause},
    }


def any_key(name: str, otherwise: Ref) -> dict[str, Any]:
    """The Choice whether there is anything for the state ``name`` to delete."""
    some = [{"Condition": Expression.of("$count($:keys) > 0"), "Next": Ref(name)}]
    return {"Type": "Choice", "Choices": some, "Default": otherwise}


def listed_deletion(
    bucket: Any, prefix: Any, filtered: tuple[Part, ...], name: str, onward: Ref
) -> dict[str, Mapping[str, Any]]:
    """``list`` first; the state ``name`` deletes a page; ``onward`` when there is no other."""
    assign = {":keys": Expression.of(f"[{PAGE}.Contents", *filtered, ".Key]"), **turning()}
    following = Ref("more?")
    more = [{"Condition": Expression.of("$:more"), "Next": Ref("next page")}]
    page = {"Assign": assign, "Output": {}, "Next": Ref("any?")}
    return {
        "list": {**listing(bucket, prefix), **page},
        "any?": any_key(name, following),
        **deletion(name, bucket, KEYS, following),
        "more?": {"Type": "Choice", "Choices": more, "Default": onward},
        "next page": {**listing(bucket, prefix, None, "$:token"), **page},
    }
