"""One construct a file, one for each step of setting up pull through caches."""
