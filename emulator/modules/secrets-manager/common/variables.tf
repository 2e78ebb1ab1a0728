# Names, types and defaults are those of terraform-aws-modules/secrets-manager/aws. See its documentation for their
# meaning.

variable "create" {
  type    = bool
  default = true
}

variable "tags" {
  type    = map(string)
  default = {}
}

# The secret

variable "name" {
  type    = string
  default = null
}

variable "name_prefix" {
  type    = string
  default = null
}

variable "description" {
  type    = string
  default = null
}

variable "kms_key_id" {
  type    = string
  default = null
}

variable "recovery_window_in_days" {
  type    = number
  default = null
}

variable "force_overwrite_replica_secret" {
  type    = bool
  default = null
}

# Its policy

variable "create_policy" {
  type    = bool
  default = false
}

variable "block_public_policy" {
  type    = bool
  default = null
}

variable "source_policy_documents" {
  type    = list(string)
  default = []
}

variable "override_policy_documents" {
  type    = list(string)
  default = []
}

# Its value

variable "secret_string" {
  type    = string
  default = null
}

variable "secret_binary" {
  type    = string
  default = null
}

variable "version_stages" {
  type    = list(string)
  default = null
}

variable "ignore_secret_changes" {
  type    = bool
  default = false
}

variable "create_random_password" {
  type    = bool
  default = false
}

variable "random_password_length" {
  type    = number
  default = 32
}

variable "random_password_override_special" {
  type    = string
  default = "!@#$%&*()-_=+[]{}<>:?"
}

# Its rotation

variable "enable_rotation" {
  type    = bool
  default = false
}

variable "rotation_lambda_arn" {
  type    = string
  default = ""
}
