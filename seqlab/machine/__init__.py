"""The machine underneath: atomic files, locks, checksums, interrupts, threads."""
