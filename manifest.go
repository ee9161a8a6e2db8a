// Package canonicalize holds what stands at the root of the repository and is read by the program: the manifest of the
// GitHub App. The program itself is in cmd/canonicalize.
package canonicalize

import _ "embed"

// Manifest is app.yml: the fields of the App's manifest, with a host that the one who registers it replaces.
//
//go:embed app.yml
var Manifest []byte
