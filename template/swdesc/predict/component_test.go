package predict_test

import (
	"fmt"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc/predict"
)

func TestParseSWVersions(t *testing.T) {
	for _, test := range []struct{ data, want string }{
		{"", "[]"},
		{"kernel 5.15\n\n  rootfs\t2.0.1  \r\n", "[{kernel 5.15} {rootfs 2.0.1}]"},
		{"kernel 5.15", "[{kernel 5.15}]"},
		{"globals : { };\nversions = ( { name = \"app\"; version = \"1 beta\"; } );\n", "[{app 1 beta}]"},
		{"versions = ( );\n", "[]"},
		{"kernel 5.15\nrootfs\n", `line 2: "rootfs": a name and a version are allowed`},
		{"kernel 5 15\n", `line 1: "kernel 5 15": a name and a version are allowed`},
		{"globals : { };\n", "configuration has no list called versions"},
		{"versions = 3;\n", "versions is an integer: a list of groups is allowed"},
		{"versions = ( 3 );\n", "versions[0] is an integer: a group is allowed"},
		{"versions = ( { name = \"app\"; } );\n", "versions[0] has no name or no version"},
		{"versions = ( { name = 3; version = \"1\"; } );\n", "versions[0].name is an integer, not a string"},
		{"versions = ( { name = \"a\"; version = 1; } );\n", "versions[0].version is an integer, not a string"},
	} {
		all, err := predict.ParseSWVersions([]byte(test.data))
		got := fmt.Sprint(all)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%q: got %s, want %s", test.data, got, test.want)
		}
	}
}
