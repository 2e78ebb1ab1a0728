variable "policy_statements" {
  type = map(object({
    sid           = optional(string)
    actions       = optional(list(string))
    not_actions   = optional(list(string))
    effect        = optional(string)
    resources     = optional(list(string))
    not_resources = optional(list(string))
    principals = optional(list(object({
      type        = string
      identifiers = list(string)
    })))
    not_principals = optional(list(object({
      type        = string
      identifiers = list(string)
    })))
    condition = optional(list(object({
      test     = string
      values   = list(string)
      variable = string
    })))
  }))
  default = null
}

locals {
  given_statements = var.policy_statements != null ? var.policy_statements : {}
  statements = [for statement in local.given_statements : merge(statement, {
    principals     = statement.principals != null ? statement.principals : []
    not_principals = statement.not_principals != null ? statement.not_principals : []
    conditions     = statement.condition != null ? statement.condition : []
  })]
}
