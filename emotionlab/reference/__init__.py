"""The old name of `emotionlab.runs.reference`; the records themselves lie in this folder."""

from emotionlab.runs.reference import SHIPPED, add, load, names, summary

__all__ = ["SHIPPED", "add", "load", "names", "summary"]
