"""The calendar: agenda, minutes, attendance, and decisions that become tasks."""
