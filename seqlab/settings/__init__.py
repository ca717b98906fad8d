"""Every setting once: type, range, default, help text, and the settings it needs or excludes."""
