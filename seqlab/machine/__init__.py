"""Atomic files and directories, locks, checksums, interrupts, threads, and the wording of messages."""
