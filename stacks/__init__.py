"""Terraform stacks of Amazon ECR pull through caches. Import this package before constructs, cdktf and its AWS bindings."""

import lazy_bindings as lazy_bindings
