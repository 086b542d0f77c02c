"""Exams: several labs at once, on one or two hosts, against the clock."""
