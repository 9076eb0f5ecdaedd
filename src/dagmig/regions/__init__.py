"""The graph as nested blocks, which is the order a state machine can express."""
