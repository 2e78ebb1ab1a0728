"""Terraform stacks of Amazon ECR pull through caches."""

import lazy_bindings as lazy_bindings  # before cdktf: then its AWS bindings load in under a second
