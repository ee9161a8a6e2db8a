// Package config reads .github/canonicalize.yml.
//
// One table of shapes (table.go) says which fields exist, what each accepts
// and what it means. Reading walks the YAML tree along that table and gathers
// every fault with its line and column ([Faults]); [Schema] prints the same
// table as JSON Schema; [Config] is what a file without faults becomes, with
// the defaults where it says nothing. An empty file is valid.
package config
