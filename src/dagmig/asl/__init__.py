"""Step Functions' side: Amazon States Language documents, read, checked and written."""
