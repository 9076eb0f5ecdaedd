"""Rules of the category upgrade."""
