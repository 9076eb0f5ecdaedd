"""What a converted workflow needs around it: schedules, roles, functions, a template; its files."""
