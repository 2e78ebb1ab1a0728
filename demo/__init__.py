"""The whole way on loopback: deploy the default deployment with Terraform, pull through its caches, destroy it."""
