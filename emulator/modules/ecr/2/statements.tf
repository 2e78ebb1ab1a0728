variable "repository_policy_statements" {
  type    = any
  default = {}
}

# Untyped: a key that is not looked for here is dropped without a word, and with it, say, a condition.
locals {
  statements = [for statement in var.repository_policy_statements : {
    sid            = try(statement.sid, null)
    effect         = try(statement.effect, null)
    actions        = try(statement.actions, null)
    not_actions    = try(statement.not_actions, null)
    resources      = try(statement.resources, null)
    not_resources  = try(statement.not_resources, null)
    principals     = try(statement.principals, [])
    not_principals = try(statement.not_principals, [])
    conditions     = try(statement.conditions, [])
  }]
}
