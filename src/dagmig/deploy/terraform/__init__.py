"""A stack in Terraform's language."""
