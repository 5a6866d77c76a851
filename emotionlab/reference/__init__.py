"""The records of the course; the functions that read them stand in `emotionlab.runs.reference`."""

from emotionlab.runs.reference import SHIPPED, add, load, names, summary

__all__ = ["SHIPPED", "add", "load", "names", "summary"]
