"""Every rule written in Python: one file a rule, its folder the category."""
