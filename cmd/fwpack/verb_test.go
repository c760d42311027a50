package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// commandPaths returns the commands below cmd that do something, aliases
// included.
func commandPaths(cmd *cobra.Command, path []string) [][]string {
	var all [][]string
	for _, sub := range cmd.Commands() {
		for _, name := range append(sub.Aliases, sub.Name()) {
			below := append(slices.Clone(path), name)
			all = append(append(all, below), commandPaths(sub, below)...)
		}
	}
	return all
}

// TestVerbs: each verb is found where only what is called is made, and help
// knows all of them.
func TestVerbs(t *testing.T) {
	whole := newRoot(surroundings{}, nil)
	paths := commandPaths(whole, nil)
	if len(paths) < 30 {
		t.Errorf("%d commands, want at least 30", len(paths))
	}
	for _, path := range paths {
		want, _, err := whole.Find(path)
		if err != nil {
			t.Fatal(err)
		}
		root := newRoot(surroundings{}, path)
		got, rest, err := root.Find(path)
		if err != nil || len(rest) > 0 || got.CommandPath() != want.CommandPath() || got.Flags().FlagUsages() != want.Flags().FlagUsages() {
			t.Errorf("%q: %v, %q, %v", path, got.CommandPath(), rest, err)
		}
		if n := len(root.Commands()); n != 1 {
			t.Errorf("%q: %d verbs are made, want 1", path, n)
		}
	}
	for _, args := range []string{"", "help", "--help", "imgtool", "imgtool --help", "help imgtool", "imgtool frobnicate"} {
		status, stdout, stderr := inProcess(t, strings.Fields(args)...)
		want := "convert"
		if strings.Contains(args, "imgtool") {
			want = "getpubhash"
		}
		if args == "imgtool frobnicate" {
			if status != statusUsage || !strings.Contains(stderr, `"frobnicate"`) {
				t.Errorf("%s: status %d\n%s", args, status, stderr)
			}
		} else if status != statusDone || !strings.Contains(stdout, want) {
			t.Errorf("%q: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
}
