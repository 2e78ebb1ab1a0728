"""Terraform stacks of Amazon ECR pull through caches. Import this package before constructs, cdktf and its AWS bindings."""

from stacks import bindings as bindings
