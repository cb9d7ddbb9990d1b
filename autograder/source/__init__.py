"""The text of a submission. Nothing of it runs here."""
