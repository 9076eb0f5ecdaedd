"""One module a service."""
