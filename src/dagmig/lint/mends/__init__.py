"""The fixes of ast-grep rules that take more than a template, a file each: ``mend`` of a finding's place."""
