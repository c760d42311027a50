//go:build !unix

package main

// stayAwake has nothing to do where processes are not stopped by a terminal.
func stayAwake() {}
