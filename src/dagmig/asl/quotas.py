"""What Step Functions takes of a standard workflow, at most.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html; names:
https://states-language.net/spec.html#states-fields
"""

MAX_DEFINITION = 1024 * 1024  # bytes
MAX_DATA = 256 * 1024  # bytes of an input, an output or a result, as UTF-8
MAX_EVENTS = 25_000  # of an execution's history
MAX_NAME = 80  # characters
