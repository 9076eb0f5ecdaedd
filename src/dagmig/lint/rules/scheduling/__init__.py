"""Rules of the category scheduling."""
