"""The dictionary of operators and states, read both ways."""
