variable "replica" {
  type    = map(any)
  default = {}
}

variable "rotation_rules" {
  type    = map(any)
  default = {}
}
