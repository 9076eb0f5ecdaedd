"""What IAM has to allow a machine, on which resources."""
