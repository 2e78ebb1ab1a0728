"""YAML files with line numbers, and the problems found in them."""
