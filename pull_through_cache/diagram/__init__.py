"""A deployment as a picture."""
