"""Files of YAML with line numbers, and the problems found in them."""
