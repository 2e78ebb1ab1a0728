"""Image names, and the files that contain them."""
