"""Tests of the proofs: the hosts are played, at their boundary."""
