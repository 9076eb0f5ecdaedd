"""Rules of the category migration."""
