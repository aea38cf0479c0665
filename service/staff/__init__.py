"""The command line for staff: `python -m service.staff`, until there is a page for it. It speaks Dutch."""
