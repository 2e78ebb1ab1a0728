"""AWS and a Terraform module registry on loopback, for the tests and for trying the project out."""
