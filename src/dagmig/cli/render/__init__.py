"""Findings and graphs as text, JSON, GitHub annotations, Mermaid and DOT."""
