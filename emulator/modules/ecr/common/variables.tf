# Names, types and defaults are those of terraform-aws-modules/ecr/aws//modules/repository-template,
# See its documentation for their meaning.

variable "create" {
  type    = bool
  default = true
}

variable "tags" {
  type    = map(string)
  default = {}
}

# The repository creation template

variable "prefix" {
  type    = string
  default = ""
}

variable "description" {
  type    = string
  default = null
}

variable "applied_for" {
  type    = list(string)
  default = ["PULL_THROUGH_CACHE"]
}

variable "custom_role_arn" {
  type    = string
  default = null
}

variable "encryption_type" {
  type    = string
  default = "AES256"
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "image_tag_mutability" {
  type    = string
  default = "IMMUTABLE"
}

variable "lifecycle_policy" {
  type    = string
  default = null
}

variable "repository_policy" {
  type    = string
  default = null
}

variable "resource_tags" {
  type    = map(string)
  default = {}
}

# The pull through cache rule

variable "create_pull_through_cache_rule" {
  type    = bool
  default = false
}

variable "upstream_registry_url" {
  type    = string
  default = null
}

variable "credential_arn" {
  type    = string
  default = null
}

# The repository policy, unless repository_policy is used as it is

variable "create_repository_policy" {
  type    = bool
  default = true
}

variable "repository_read_access_arns" {
  type    = list(string)
  default = []
}

variable "repository_read_write_access_arns" {
  type    = list(string)
  default = []
}

variable "repository_lambda_read_access_arns" {
  type    = list(string)
  default = []
}

# The role with which ECR tags and encrypts the repositories

variable "create_iam_role" {
  type    = bool
  default = true
}

variable "iam_role_name" {
  type    = string
  default = null
}

variable "iam_role_use_name_prefix" {
  type    = bool
  default = true
}

variable "iam_role_path" {
  type    = string
  default = null
}

variable "iam_role_description" {
  type    = string
  default = null
}

variable "iam_role_permissions_boundary" {
  type    = string
  default = null
}

variable "iam_role_tags" {
  type    = map(string)
  default = {}
}
