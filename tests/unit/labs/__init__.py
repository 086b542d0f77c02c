"""Tests of labs: their format, grading, sessions and reports."""
