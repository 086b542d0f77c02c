"""Tests of the hosts: podman is played, at its boundary."""
