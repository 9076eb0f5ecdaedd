"""The fixes that take more than a few lines, a file each, named like the rule: ``mend`` of a finding's place.

For an ast-grep rule with a ``metadata.fix`` and no ``fix`` it is found by its name.
"""
