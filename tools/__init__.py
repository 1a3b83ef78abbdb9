"""What dev.py is made of. ``picture`` runs in .venv; the rest runs before there is one, and so
with the standard library only."""
