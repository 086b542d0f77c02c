"""Ironlab: a bare-metal homelab and RHCSA-style lab kit."""
