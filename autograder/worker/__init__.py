"""The process in which student code runs. It knows no answer."""
