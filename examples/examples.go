// Package examples holds complete projects to copy. The quickstart is also
// what `fwpack init` writes, with keys of its own.
package examples

import "embed"

// Quickstart is the project in the folder quickstart, without its keys.
//
//go:embed quickstart/fwpack.toml quickstart/sw-description.in quickstart/check-power.sh quickstart/deploy
var Quickstart embed.FS
