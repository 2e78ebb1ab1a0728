"""Constructs for cdktf apps: the parts of Amazon ECR pull through caches."""

import lazy_bindings as lazy_bindings  # before cdktf: it makes the bindings load in under a second
