"""The report, and what people see of it."""
