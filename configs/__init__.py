"""Annotated configurations that run as they are."""
