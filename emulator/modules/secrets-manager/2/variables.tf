variable "region" {
  type    = string
  default = null
}

variable "replica" {
  type = map(object({
    kms_key_id = optional(string)
    region     = optional(string)
  }))
  default = null
}

variable "secret_string_wo" {
  type      = string
  default   = null
  ephemeral = true
}

variable "secret_string_wo_version" {
  type    = string
  default = null
}

variable "rotate_immediately" {
  type    = bool
  default = null
}

variable "rotation_rules" {
  type = object({
    automatically_after_days = optional(number)
    duration                 = optional(string)
    schedule_expression      = optional(string)
  })
  default = null
}
