"""Repository-wide rules: each takes a folder and names what breaks it, one sentence a breach.

tests/rules/ holds the repository to them, and holds each of them to a sample it must reject.
"""
