package zephyr

import (
	"bytes"
	"encoding/binary"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// TestConformanceDTC holds the reader against dtc, which compiles the same text to
// a flattened tree: the same nodes, the same properties, the same bytes.
func TestConformanceDTC(t *testing.T) {
	reftool.Need(t, "dtc")
	sources := map[string]string{"values": inRoot(`x = "a", "b\x41\n", <1 0xffffffff>, [ 00 fF ], /bits/ 16 < 1 2 >, /bits/ 64 <0x123456789>, &y, &{/n@0};
p = <&y 2>, <&{/n@0} 3>; empty; none = <>;
y: n@0 { q: deep = <1>; m { }; };`)}
	files, err := filepath.Glob("testdata/*/zephyr/zephyr.dts")
	if err != nil {
		t.Fatal(err)
	}
	more, _ := filepath.Glob("testdata/*/*/zephyr/zephyr.dts")
	for _, file := range append(files, more...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources[file] = string(data)
	}
	if len(sources) < 5 {
		t.Fatalf("only %d trees", len(sources))
	}
	for name, src := range sources {
		cmd := exec.Command("dtc", "-q", "-I", "dts", "-O", "dtb")
		cmd.Stdin = strings.NewReader(src)
		blob, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: dtc: %v", name, err)
		}
		tr, err := parseTree(name, []byte(src))
		if err != nil {
			t.Error(err)
			continue
		}
		compareTrees(t, name, tr, flattened(t, blob))
	}
}

// flattened reads a compiled tree (Devicetree Specification 0.4, chapter 5): all
// properties by path and name, and for every node its path with a slash behind.
func flattened(t *testing.T, blob []byte) map[string][]byte {
	t.Helper()
	word := func(at uint32) uint32 { return binary.BigEndian.Uint32(blob[at:]) }
	at, names := word(8), word(12)
	all := map[string][]byte{}
	var path []string
	for {
		token := word(at)
		at += 4
		switch token {
		case 1: // begin of a node, its name
			name, _, _ := bytes.Cut(blob[at:], []byte{0})
			path = append(path, string(name))
			all[strings.Join(path, "/")+"/"] = nil
			at += uint32(len(name)+4) &^ 3
		case 2: // its end
			path = path[:len(path)-1]
		case 3: // a property: length, name, value
			size, name := word(at), names+word(at+4)
			text, _, _ := bytes.Cut(blob[name:], []byte{0})
			all[strings.Join(path, "/")+"/"+string(text)] = blob[at+8 : at+8+size]
			at += (size + 8 + 3) &^ 3
		case 9:
			return all
		}
	}
}

func compareTrees(t *testing.T, name string, tr *tree, want map[string][]byte) {
	t.Helper()
	got := map[string][]byte{}
	tr.root.each(func(n *node) {
		got[path(n)+"/"] = nil
		for _, p := range n.props {
			got[path(n)+"/"+p.name] = encoded(t, tr, p, want)
		}
	})
	for key := range want {
		if _, ok := got[key]; !ok && strings.HasSuffix(key, "/phandle") {
			delete(want, key) // which dtc adds to what is referred to
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if value, ok := got[key]; !ok || !bytes.Equal(value, want[key]) {
			t.Errorf("%s: %s: got %x, %v, want %x", name, key, value, ok, want[key])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d nodes and properties, dtc has %d", name, len(got), len(want))
	}
}

// path is that of a node, "" for the root.
func path(n *node) string {
	if n.parent == nil {
		return ""
	}
	return path(n.parent) + "/" + n.name
}

// encoded returns the bytes of a property. The handles of nodes are dtc's.
func encoded(t *testing.T, tr *tree, p *property, want map[string][]byte) []byte {
	t.Helper()
	var out []byte
	for _, v := range p.values {
		switch {
		case v.text != nil:
			out = append(append(out, *v.text...), 0)
		case v.bytes != nil:
			out = append(out, *v.bytes...)
		case v.ref != "":
			out = append(append(out, path(tr.find(v.ref))...), 0)
		}
		for _, c := range v.cells {
			if c.ref != "" {
				out = append(out, want[path(tr.find(c.ref))+"/phandle"]...)
				continue
			}
			var number [8]byte
			binary.BigEndian.PutUint64(number[:], c.number)
			out = append(out, number[8-v.bits/8:]...)
		}
	}
	return out
}
