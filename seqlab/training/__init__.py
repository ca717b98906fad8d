"""The training loop: steps, figures per class, alarms, and the choice of the best epoch."""
