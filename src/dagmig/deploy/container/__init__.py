"""What a task in a container needs: its image, its entry point, the resources around it."""
