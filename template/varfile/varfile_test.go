package varfile_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
	"github.com/fwpack/fwpack/template/varfile"
)

// show writes variables in a fixed order.
func show(vars template.Vars) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		fmt.Fprintf(&b, "%s=%q\n", name, vars[name])
	}
	return b.String()
}

// flat writes a list with its hints in parentheses.
func flat(err error) string {
	var list diag.List
	if !errors.As(err, &list) {
		return fmt.Sprint(err)
	}
	lines := make([]string, len(list))
	for i, d := range list {
		lines[i] = d.Error()
		if d.Hint != "" {
			lines[i] += " (" + d.Hint + ")"
		}
	}
	return strings.Join(lines, "\n")
}

func check(t *testing.T, in string, want template.Vars) {
	t.Helper()
	got, err := varfile.Parse("f", []byte(in))
	if err != nil {
		t.Fatal(flat(err))
	}
	if show(got) != show(want) {
		t.Errorf("got\n%s\nwant\n%s", show(got), show(want))
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, in string
		want     template.Vars
	}{
		{"empty", "", template.Vars{}},
		{"comments and blanks", "# a comment\n\n  A=1  \r\n#B=2\n\t", template.Vars{"A": "1"}},
		{"quotes", `A="x y"` + "\n" + `B='"'` + "\n" + `C="` + "\n" + `D="a"b"` + "\n" + `E='x"`, template.Vars{"A": "x y", "B": `"`, "C": `"`, "D": `a"b`, "E": `'x"`}},
		{"nothing is escaped", `A="a\"b\n$C"` + "\nB=x # y", template.Vars{"A": `a\"b\n$C`, "B": "x # y"}},
		{"the last one counts", "A=1\nA=2", template.Vars{"A": "2"}},
		{"empty values", "A=\nB=\"\"", template.Vars{"A": "", "B": ""}},
		{"equal signs", "A=b=c\nB==", template.Vars{"A": "b=c", "B": "="}},
		{"placeholders stay", "A=@@B@@-$swupdate_get_size(x)", template.Vars{"A": "@@B@@-$swupdate_get_size(x)"}},
		{"names", "a-b.c=1\n1st=2\n_=3\nFS[core-image]=.ext4", template.Vars{"a-b.c": "1", "1st": "2", "_": "3", "FS[core-image]": ".ext4"}},
		{"built-in names are like any other", "VERSION=1\nPROJECT_NAME=2", template.Vars{"VERSION": "1", "PROJECT_NAME": "2"}},
		{"comments like a history", "#\n# $A is for the machine\n#\nA=1\n# $B\nB='2'\n#\n# $C [old]\n#   of\n#\nC=3", template.Vars{"A": "1", "B": "2", "C": "3"}},
		{"a name of the generator", "variables=[{", template.Vars{"variables": "[{"}},
		{"symbols of Buildroot by hand", "BR2_EXTERNAL='a b'\nX=\"a\\\\b\"", template.Vars{"BR2_EXTERNAL": "a b", "X": `a\\b`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.in, tt.want) })
	}
}

func TestErrors(t *testing.T) {
	const dotConfig = "BR2_HAVE_DOT_CONFIG=y\n"
	tests := []struct{ name, in, want string }{
		{"no equal sign", "A=1\nA\n", "f:2:1: the line is not of the form NAME=VALUE"},
		{"all lines", "A B=1\n\nexport C=1\n=x", "f:1:1: the line is not of the form NAME=VALUE\nf:3:1: the line is not of the form NAME=VALUE\nf:4:1: the line is not of the form NAME=VALUE"},
		{"name of an override", "A:append=1", "f:1:1: the line is not of the form NAME=VALUE"},
		{"byte order mark", "\ufeffA=1", "f:1:1: the line is not of the form NAME=VALUE"},
		{"Buildroot, no equal sign", dotConfig + "BR2_X\n", "f:2:1: the line is not of the form SYMBOL=VALUE of a Buildroot .config"},
		{"Buildroot, string is not closed", dotConfig + "BR2_X=\"a\\\"\n", "f:2:1: the line is not of the form SYMBOL=VALUE of a Buildroot .config"},
		{"Buildroot, text behind a string", dotConfig + "BR2_X=\"a\"b", "f:2:1: the line is not of the form SYMBOL=VALUE of a Buildroot .config"},
		{"generator, number", "variables = {\n  A = \"x\";\n  B = 1;\n  C = [ \"x\" ];\n};\n", "f:3:7: variable B is an integer, and must be a string\nf:4:7: variable C is an array, and must be a string"},
		{"generator, name", "variables : { A* = \"x\"; };\n", `f:1:20: "A*" cannot be a variable: letters, digits, "_", "-" and "." are allowed`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vars, err := varfile.Parse("f", []byte(tt.in))
			if vars != nil {
				t.Errorf("variables besides an error: %v", vars)
			}
			if got := flat(err); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestGeneratorSyntaxError(t *testing.T) {
	_, err := varfile.Parse("f", []byte("variables = {\n  A = \"x\";\n  B = ;\n};\n"))
	var list diag.List
	if !errors.As(err, &list) || list[0].Pos != (diag.Pos{File: "f", Line: 3, Col: 7}) {
		t.Errorf("got %v", err)
	}
}

const dotConfig = `#
# Automatically generated file; DO NOT EDIT.
# Buildroot 2023.02.1 Configuration
#
BR2_HAVE_DOT_CONFIG=y
BR2_EXTERNAL_NAMES=""
BR2_HOST_GCC_AT_LEAST_4_9=y
# BR2_arcle is not set
BR2_arm=y
BR2_TARGET_GENERIC_HOSTNAME="gate\"way\\1"
BR2_LINUX_KERNEL_UIMAGE_LOADADDR="0x80008000"
BR2_GCC_TARGET_MODE=
BR2_JLEVEL=0
BR2_ENABLE_LOCALE_WHITELIST="C en_US" 
`

func TestBuildroot(t *testing.T) {
	want := template.Vars{
		"BR2_HAVE_DOT_CONFIG": "y", "BR2_EXTERNAL_NAMES": "", "BR2_HOST_GCC_AT_LEAST_4_9": "y", "BR2_arm": "y",
		"BR2_TARGET_GENERIC_HOSTNAME": `gate"way\1`, "BR2_LINUX_KERNEL_UIMAGE_LOADADDR": "0x80008000",
		"BR2_GCC_TARGET_MODE": "", "BR2_JLEVEL": "0", "BR2_ENABLE_LOCALE_WHITELIST": "C en_US",
	}
	check(t, dotConfig, want)
	check(t, strings.ReplaceAll(dotConfig, "\n", "\r\n"), want)
}

func TestGenerator(t *testing.T) {
	tests := []struct {
		name, in string
		want     template.Vars
	}{
		{"the manual's", "variables :\n{\n\tUPDATE_VERSION = \"1.0.0\";\n\tPRODUCT = \"test \" \"device\";\n}\n", template.Vars{"UPDATE_VERSION": "1.0.0", "PRODUCT": "test device"}},
		{"other groups", "keys = { A = 1; };\n# comment\n  variables={ N = \"a\\\"b\"; };\nx = 1;\n", template.Vars{"N": `a"b`}},
		{"none", "variables = {};\n", template.Vars{}},
		{"inside another group only", "a = {\nvariables = { N = \"x\"; };\n};\n", template.Vars{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.in, tt.want) })
	}
}

func TestTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 64 MiB")
	}
	_, err := varfile.Parse("f", make([]byte, varfile.MaxSize+1))
	if got := flat(err); got != "f: the file is larger than 64 MiB" {
		t.Errorf("got %q", got)
	}
}

// Whatever the format, time is in proportion to the length. The bound is
// generous; quadratic behaviour would take minutes.
func TestLinear(t *testing.T) {
	const head = "#\n# $A [2 operations]\n#   set x:1\n"
	tests := map[string]string{
		"lines":             strings.Repeat("A=1\n", 250_000),
		"no lines":          strings.Repeat("A", 1_000_000),
		"comments":          strings.Repeat("#\n# $A\n", 150_000),
		"variables":         head + strings.Repeat("A=\"x\"\n", 150_000),
		"a long value":      head + "A=\"" + strings.Repeat("x \\\n", 250_000) + "\"\n",
		"not closed":        head + strings.Repeat("A=\"x \\\n", 150_000),
		"functions":         head + strings.Repeat("f() {\n}\n", 150_000),
		"open functions":    head + strings.Repeat("f() {\n", 150_000),
		"flags set":         head + strings.Repeat("#   set x:1\n#     [f] \"x\"\n", 50_000),
		"flags appended":    head + strings.Repeat("#   append x:1\n#     [f] \"0123456789\"\n", 50_000),
		"flags prepended":   head + strings.Repeat("#   prepend x:1\n#     [f] \"0123456789\"\n", 50_000),
		"details":           head + strings.Repeat("#     x\n", 150_000),
		"flags that expand": head + "A=\"" + strings.Repeat("x", 500_000) + "\"\n#   set x:1\n#     [f] \"" + strings.Repeat("${A}", 100_000) + "\"\n",
		"dollars":           head + "#   set x:1\n#     [f] \"" + strings.Repeat("${", 500_000) + "\"\n",
		"symbols":           dotConfig + strings.Repeat("BR2_X=\"\\\\\"\n", 100_000),
		"one symbol":        dotConfig + "BR2_X=\"" + strings.Repeat("\\", 1_000_000) + "\"\n",
		"variables =":       strings.Repeat("variables ", 100_000) + "\n",
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := varfile.Parse("f", []byte(in))
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%d bytes took %v (%v)", len(in), took, err != nil)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("A=1\n# b\nFS[x]='y'"))
	f.Add([]byte(dotConfig))
	f.Add([]byte(bitbake))
	f.Add([]byte("variables = { A = \"x\"; B = 1; };\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		vars, err := varfile.Parse("f", data)
		if (vars == nil) != (err != nil) {
			t.Fatalf("%v and %v", vars, err)
		}
		for name := range vars {
			if !template.IsName(name) {
				t.Fatalf("%q is not the name of a variable", name)
			}
		}
		checkAgain(t, vars)
	})
}

// checkAgain demands that variables survive being written as NAME=VALUE lines,
// where that is possible.
func checkAgain(t *testing.T, vars template.Vars) {
	t.Helper()
	var b strings.Builder
	for name, value := range vars {
		if strings.Contains(value, "\n") || strings.HasPrefix(name, "BR2_") || name == "variables" {
			return
		}
		fmt.Fprintf(&b, "%s=\"%s\"\n", name, value)
	}
	again, err := varfile.Parse("f", []byte(b.String()))
	if err != nil || !maps.Equal(again, vars) {
		t.Fatalf("%q becomes %q, %v", vars, again, err)
	}
}

func BenchmarkBitBake(b *testing.B) {
	variables, _, _ := strings.Cut(bitbake, "# line: 3")
	data := []byte(strings.Repeat(variables, 5<<20/len(variables)))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := varfile.Parse("f", data); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleParse() {
	vars, err := varfile.Parse("build.env", []byte("# from CI\nMACHINE=\"beaglebone\"\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := template.Expand("sw-description.in", []byte(`@@MACHINE@@ = { };`), vars)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", text.Bytes())
	// Output: beaglebone = { };
}
