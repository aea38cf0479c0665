"""What the product keeps: tables, queries and migrations."""
