package zephyr

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seedFiles adds every file of testdata with that name.
func seedFiles(f *testing.F, name string) {
	f.Helper()
	err := filepath.WalkDir("testdata", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.Name() != name {
			return err
		}
		data, err := os.ReadFile(path)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

// FuzzTree: whatever parses has one place for each node, and slots that are
// worked out without a panic.
func FuzzTree(f *testing.F) {
	seedFiles(f, "zephyr.dts")
	f.Add([]byte(inRoot(`x = l: <&y 0x1 /* c */>, "a\x41", [ 00 ff ], &{/n@0}, /bits/ 8 <1>; y: n@0 { z; };`)))
	f.Add([]byte(inRoot(`chosen { zephyr,code-partition = &slot0_partition; }; partitions { #address-cells = <3>; #size-cells = <9>; ranges = <1 2 3 4 5 6 7>; slot0_partition: p { reg = <1 2 3 4 5 6>; }; };`)))
	f.Fuzz(func(t *testing.T, src []byte) {
		tr, err := parseTree("f", src)
		if err != nil {
			return
		}
		tr.root.each(func(n *node) {
			if n.parent != nil && n.parent.child(n.name) != n {
				t.Fatalf("%s: %s is not found", n.pos, n.name)
			}
			for _, label := range n.labels {
				if tr.find(label) != n {
					t.Fatalf("%s: label %s leads elsewhere", n.pos, label)
				}
			}
			if n.parent != nil {
				n.parent.absolute(0)
			}
		})
		tr.own()
		(&reader{appTree: tr, mode: symbol{value: "ram-load"}}).loadAddress()
		for n := range 4 {
			if slot, err := tr.slot(n); err == nil && slot != nil && slot.flash == nil {
				t.Fatalf("slot %d is nowhere", n)
			}
		}
	})
}

// FuzzConfig: whatever parses can be written again and means the same.
func FuzzConfig(f *testing.F) {
	seedFiles(f, ".config")
	f.Add([]byte("CONFIG_A=\"\\\\\\\"\"\n# CONFIG_B is not set\r\nCONFIG_C=-0\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := parseConfig("c", src)
		if err != nil {
			return
		}
		var out strings.Builder
		for _, s := range c.symbols {
			if s.unset {
				fmt.Fprintf(&out, "# %s is not set\n", s.name)
			} else {
				fmt.Fprintf(&out, "%s=\"%s\"\n", s.name, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s.value))
			}
		}
		again, err := parseConfig("c", []byte(out.String()))
		if err != nil {
			t.Fatal(err)
		}
		for name, s := range c.symbols {
			if got := again.symbols[name]; got.value != s.value || got.unset != s.unset {
				t.Fatalf("%s: %q became %q", name, s.value, got.value)
			}
		}
	})
}

// FuzzPartitions: no input does harm, and none is read as anything but lines of
// its own.
func FuzzPartitions(f *testing.F) {
	seedFiles(f, "pm.config")
	seedFiles(f, "pm_config.h")
	f.Fuzz(func(t *testing.T, src []byte) {
		c, err := parsePartitions("p", src)
		if err != nil {
			return
		}
		for name := range c.symbols {
			if !strings.HasPrefix(name, "PM_") || !strings.Contains(string(src), name) {
				t.Fatalf("%q", name)
			}
		}
	})
}
