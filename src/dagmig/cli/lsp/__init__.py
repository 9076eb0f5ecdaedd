"""The language server: what it knows of open files, and what it answers."""
