"""Pieces of pages: each renders one thing, on the page or pages that show it."""
