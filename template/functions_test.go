package template_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template"
)

var (
	zeroSHA = strings.Repeat("0", 64)
	zeroIV  = strings.Repeat("0", 32)
)

// source has the variables of most tests and a few packages.
func source() template.Source {
	v := vars()
	v["SWUPDATE_IMAGES"] = "u-boot core-@@B@@ core-1-full"
	v["CALL"] = "$swupdate_get_size(@@B@@)"
	packages := map[string]string{
		"u-boot PV": "2022.01", "u-boot PKGV": "2022.01-r1", "nested PV": "7", "core-1 PV": "1.1",
		"core-1-full PV": "1.2", "other.bin PV": "3", "odd PV": "a\"b\\c\nd", "empty PV": "",
	}
	return template.Source{Vars: v, Packages: func(pkg, variable string) (string, error) {
		value, ok := packages[pkg+" "+variable]
		if !ok {
			return "", diag.Diagnostic{Msg: fmt.Sprintf("no %s of %s", variable, pkg), Hint: "ask for u-boot"}
		}
		return value, nil
	}}
}

func TestFunctions(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"sha256", `sha256 = "$swupdate_get_sha256(a.bin)";`, `sha256 = "` + zeroSHA + `";`},
		{"size", `size = $swupdate_get_size(a.bin);`, `size = 0;`},
		{"IV", `ivt = "$swupdate_get_IV(a.bin)";`, `ivt = "` + zeroIV + `";`},
		{"unique IV", `ivt = "$swupdate_get_unique_IV(a.bin)";`, `ivt = "` + zeroIV + `";`},
		{"JSON", `{"size": "$swupdate_get_size(a.bin)"}`, `{"size": "0"}`},
		{"as the whole line", "$swupdate_get_size(a)", "0"},
		{"several on a line", `a = "$swupdate_get_size(a)$swupdate_get_size(b)"; b = $swupdate_get_size(c);`, `a = "00"; b = 0;`},
		{"out of a value", `a = "@@CALL@@";`, `a = "0";`},
		{"pkgvar", `version = "$swupdate_get_pkgvar(u-boot)";`, `version = "2022.01";`},
		{"pkgvar with variable", `version = "$swupdate_get_pkgvar( u-boot @ PKGV )";`, `version = "2022.01-r1";`},
		{"pkgvar of a placeholder", `version = "$swupdate_get_pkgvar(@@A_@@B@@@@)";`, `version = "7";`},
		{"pkgvar escaped in a string", `version = "$swupdate_get_pkgvar(odd)";`, `version = "a\"b\\c\nd";`},
		{"pkgvar without a value", `version = "x$swupdate_get_pkgvar(empty)y";`, `version = "xy";`},

		{"shell is text", `a = "$(x) ${y} $z $ $$ setenv a ${b}(c) $d";`, `a = "$(x) ${y} $z $ $$ setenv a ${b}(c) $d";`},
		{"no argument is text", `a = "$other()";`, `a = "$other()";`},
		{"open parenthesis is text", "a = \"$other(\n\";", "a = \"$other(\n\";"},
		{"quote ends an argument", `a = "$other(b"; c = ")";`, `a = "$other(b"; c = ")";`},

		{"hash comment", "# $swupdate_get_sha256(a) $swupdate_x $other(x)\na", "# $swupdate_get_sha256(a) $swupdate_x $other(x)\na"},
		{"slash comment", "a = 1; // $other(x)", "a = 1; // $other(x)"},
		{"block comment", "/* $other(x)\n@@NO@@ */ a = @@B@@;", "/* $other(x)\n@@NO@@ */ a = 1;"},
		{"old form in a comment", `# sha256 = "@file";`, `# sha256 = "@file";`},
		{"comment sign in a string", `a = "http://x#"; b = $swupdate_get_size(a);`, `a = "http://x#"; b = 0;`},
		{"escaped quote in a string", `a = "\"//"; b = $swupdate_get_size(a); // @@NO@@ "`, `a = "\"//"; b = 0; // @@NO@@ "`},
		{"comment is not closed", `a = @@B@@; /* @@NO@@`, `a = 1; /* @@NO@@`},
		{"variable in a comment", "# for @@MACHINE@@\n// @@A_@@NO@@@@ @@B@@\n", "# for beaglebone\n// @@A_@@NO@@@@ 1\n"},
		{"not closed in a comment", "# @@MACHINE\n# @@MY VAR@@", "# @@MACHINE\n# @@MY VAR@@"},
		{"comment behind code", `a = "@@B@@"; // was "@@NO@@", then @@B@@`, `a = "1"; // was "@@NO@@", then 1`},

		{"old sha256", `sha256 = "@a.bin";`, `sha256 = "` + zeroSHA + `";`},
		{"old sha256 of JSON", `{"sha256" : "@a.bin", "filename": "@a.bin"}`, `{"sha256" : "` + zeroSHA + `", "filename": "@a.bin"}`},
		{"old sha256, colon and blanks", "sha256:\n\t\"@ a.bin \"", "sha256:\n\t\"" + zeroSHA + `"`},
		{"old sha256, comment between", `sha256 = /* of */ "@a.bin"`, `sha256 = /* of */ "` + zeroSHA + `"`},
		{"old version", `version = "@a.bin";`, `version = "` + zeroSHA + `";`},
		{"old form of a value", `sha256 = "@@AT@@@@B@@";`, `sha256 = "` + zeroSHA + `";`},
		{"other settings may begin so", `path = "@a"; min-version = "@b"; x = ("@c", "version", "@d");`, `path = "@a"; min-version = "@b"; x = ("@c", "version", "@d");`},
		{"a plain hash stays", `sha256 = "abc";`, `sha256 = "abc";`},

		{"auto version of a package", `version = "@SWU_AUTO_VERSION:u-boot";`, `version = "2022.01";`},
		{"auto version of a variable", `{"version": "@SWU_AUTO_VERSION:u-boot@PKGV"}`, `{"version": "2022.01-r1"}`},
		{"auto version of a file", `{ version = "@SWU_AUTO_VERSION"; p = { filename = "no"; }; filename = "other.bin" }`, `{ version = "3"; p = { filename = "no"; }; filename = "other.bin" }`},
		{"auto version of an image", `{ filename = "core-1-full-bbb.ext4"; version = "@SWU_AUTO_VERSION"; }`, `{ filename = "core-1-full-bbb.ext4"; version = "1.2"; }`},
		{"auto version, image and variable", `{ filename = "x-u-boot.img"; version = "@SWU_AUTO_VERSION@PKGV"; }`, `{ filename = "x-u-boot.img"; version = "2022.01-r1"; }`},
		{"auto versions of several groups", `({ filename = "core-1.gz"; version = "@SWU_AUTO_VERSION"; },{ version = "@SWU_AUTO_VERSION"; filename = "u-boot"; })`, `({ filename = "core-1.gz"; version = "1.1"; },{ version = "2022.01"; filename = "u-boot"; })`},
		{"auto version without braces", `version = "@SWU_AUTO_VERSION"; filename = "u-boot"; }`, `version = "2022.01"; filename = "u-boot"; }`},
		{"file called like it", `version = "@SWU_AUTO_VERSIONS";`, `version = "` + zeroSHA + `";`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, err := source().Expand("t", []byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(text.Bytes()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			checkCalls(t, text)
		})
	}
}

func TestFunctionErrors(t *testing.T) {
	const allowed = "$swupdate_get_sha256, $swupdate_get_size, $swupdate_get_IV, $swupdate_get_unique_IV, $fwpack_image_digest, $swupdate_get_pkgvar are allowed"
	const foreign = ` (put its result into a variable and write @@NAME@@; if it is no function, write the "$" as \x24, in JSON as \u0024)`
	tests := []struct{ name, in, want string }{
		{"unknown", `a = "$swupdate_get_sha265(x)";`, `t:1:6: unknown function $swupdate_get_sha265: ` + allowed + ` (did you mean swupdate_get_sha256?)`},
		{"unknown and far", `a = "$swupdate_x(y)";`, `t:1:6: unknown function $swupdate_x: ` + allowed},
		{"sign", `a = "$swupdate_sign_file(x)";`, `t:1:6: $swupdate_sign_file is not available: it signs with a key of its own, which SWUpdate never sees`},
		{"of a class", "\n a = \"x$my_version(u-boot)\";", `t:2:8: $my_version(...) is a function of a Yocto class, which cannot run here` + foreign},
		{"of a class, outside of strings", "a = $f(x);", `t:1:5: $f(...) is a function of a Yocto class, which cannot run here` + foreign},
		{"not closed", "a = \"$swupdate_get_sha256(x\n)\";", `t:1:6: "$swupdate_get_sha256(" is not closed on its line`},
		{"not closed in its string", `a = "$swupdate_get_size(x"; b = ")";`, `t:1:6: "$swupdate_get_size(" is not closed on its line`},
		{"argument too long", "$swupdate_get_size(" + strings.Repeat("x", 600) + ")", `t:1:1: "$swupdate_get_size(" is not closed on its line`},
		{"no file", `a = "$swupdate_get_size( )";`, `t:1:6: $swupdate_get_size() names no file`},
		{"empty value", `a = "$swupdate_get_size(@@EMPTY@@)";`, `t:1:6: $swupdate_get_size() names no file`},
		{"undefined argument", `a = "$swupdate_get_size(@@MACHIN@@)";`, `t:1:25: undefined variable "MACHIN" (did you mean MACHINE?)`},
		{"undefined argument and unknown function", "@@NO@@ $swupdate_x(y) $swupdate_get_pkgvar(@@NO@@)", "t:1:1: undefined variable \"NO\"\nt:1:8: unknown function $swupdate_x: " + allowed + "\nt:1:44: undefined variable \"NO\""},
		{"undefined old form", `sha256 = "@@@NO@@";`, `t:1:12: undefined variable "NO"`},
		{"undefined version", `version = "@@NO@@";`, `t:1:12: undefined variable "NO"`},
		{"in JSON there are no comments", "{\"#\": 1} // @@NO@@\n", `t:1:13: undefined variable "NO"`},
		{"line of a broken comment", "a = 1; # @@NO@@\n@@NO@@", `t:2:1: undefined variable "NO"`},
		{"broken value, seen in a comment first", "# @@SELF@@\n@@SELF@@", `t:2:1: value of "SELF": variable "SELF" is made of itself: SELF -> SELF`},

		{"package unknown", `version = "$swupdate_get_pkgvar(nope)";`, `t:1:12: $swupdate_get_pkgvar(nope): no PV of nope (ask for u-boot)`},
		{"package unknown twice", "$swupdate_get_pkgvar(x)\n$swupdate_get_pkgvar(x)", "t:1:1: $swupdate_get_pkgvar(x): no PV of x (ask for u-boot)\nt:2:1: $swupdate_get_pkgvar(x): no PV of x (ask for u-boot)"},
		{"no package", "$swupdate_get_pkgvar()", `t:1:1: $swupdate_get_pkgvar() is not of the form $swupdate_get_pkgvar(PACKAGE) or $swupdate_get_pkgvar(PACKAGE@VARIABLE)`},
		{"no variable", "$swupdate_get_pkgvar(a@)", `t:1:1: $swupdate_get_pkgvar(a@) is not of the form $swupdate_get_pkgvar(PACKAGE) or $swupdate_get_pkgvar(PACKAGE@VARIABLE)`},
		{"two variables", "$swupdate_get_pkgvar(a@b@c)", `t:1:1: $swupdate_get_pkgvar(a@b@c) is not of the form $swupdate_get_pkgvar(PACKAGE) or $swupdate_get_pkgvar(PACKAGE@VARIABLE)`},
		{"old form without a file", `sha256 = "@";`, `t:1:11: sha256 = "@" names no file`},
		{"auto version of no package", `version = "@SWU_AUTO_VERSION:";`, `t:1:12: "@SWU_AUTO_VERSION:" is not of the form @SWU_AUTO_VERSION:PACKAGE@VARIABLE`},
		{"auto version of no variable", `version = "@SWU_AUTO_VERSION:x@";`, `t:1:12: "@SWU_AUTO_VERSION:x@" is not of the form @SWU_AUTO_VERSION:PACKAGE@VARIABLE`},
		{"auto version of no file", `{ version = "@SWU_AUTO_VERSION" }`, `t:1:14: @SWU_AUTO_VERSION takes its package from the filename beside it, and there is none (name it: @SWU_AUTO_VERSION:PACKAGE)`},
		{"auto version of an unknown file", `{ filename = "x"; version = "@SWU_AUTO_VERSION" }`, `t:1:30: @SWU_AUTO_VERSION: no PV of x (ask for u-boot)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := source()
			s.Vars["SELF"] = "@@SELF@@"
			text, err := s.Expand("t", []byte(tt.in))
			if text != nil {
				t.Errorf("a text besides an error: %q", text.Bytes())
			}
			if got := flat(err); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestWithoutPackages(t *testing.T) {
	_, err := template.Expand("t", []byte("$swupdate_get_pkgvar(x)"), nil)
	if got := flat(err); got != "t:1:1: $swupdate_get_pkgvar(x): there is no pkgdata folder to look into" {
		t.Errorf("got %s", got)
	}
}

// Functions are for files: a string has no payload that could fill them.
func TestExpandStringLeavesFunctions(t *testing.T) {
	const in = `$swupdate_get_size(a) sha256 = "@x" # @@B@@`
	got, problems := template.ExpandString(in, vars())
	if want := strings.Replace(in, "@@B@@", "1", 1); got != want || problems != nil {
		t.Errorf("got %q, %v", got, problems)
	}
}

func TestPackagesAreAskedOnce(t *testing.T) {
	asked := 0
	s := template.Source{Packages: func(string, string) (string, error) {
		asked++
		return "1", nil
	}}
	_, err := s.Expand("t", []byte(strings.Repeat("$swupdate_get_pkgvar(x)\n", 10)+"$swupdate_get_pkgvar(x@PKGV)"))
	if err != nil || asked != 2 {
		t.Errorf("asked %d times, %v", asked, err)
	}
}

func TestPackageValuesAreBounded(t *testing.T) {
	s := template.Source{Packages: func(string, string) (string, error) { return strings.Repeat("x", 1<<20), nil }}
	_, err := s.Expand("t", []byte(strings.Repeat("$swupdate_get_pkgvar(x)\n", 65)))
	if got := flat(err); got != "t:64:1: the expanded text is larger than 64 MiB" {
		t.Errorf("got %q", got)
	}
}

func TestCalls(t *testing.T) {
	src := "a = \"@@MACHINE@@-$swupdate_get_sha256( @@A_@@B@@@@(2).bin )\";\nversion = \"@@VERSION@@\";\n\tb = $swupdate_get_size(x); sha256 = \"@y\"; ivt = \"$swupdate_get_IV(z)\";"
	text, err := source().Expand("f.in", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"swupdate_get_sha256(nested(2).bin) f.in:1:18 16 80 true",
		"swupdate_get_size(x) f.in:3:6 107 108 false",
		"swupdate_get_sha256(y) f.in:3:39 120 184 true",
		"swupdate_get_IV(z) f.in:3:51 194 226 true",
	}
	calls := text.Calls()
	for i, c := range calls {
		got := fmt.Sprintf("%v(%s) %v %d %d %v", c.Func, c.Arg, c.Pos, c.Start, c.End, c.Quoted)
		if i >= len(want) || got != want[i] {
			t.Errorf("call %d: %s", i, got)
		}
	}
	if len(calls) != len(want) {
		t.Errorf("%d calls, want %d", len(calls), len(want))
	}
	for offset := range len(text.Bytes()) + 1 {
		checkCallAt(t, text, offset)
	}
}

func checkCallAt(t *testing.T, text *template.Text, offset int) {
	t.Helper()
	var want template.Call
	for _, c := range text.Calls() {
		if c.Start <= offset && offset < c.End {
			want = c
		}
	}
	if got, ok := text.CallAt(offset); got != want || ok != (want.Func != 0) {
		t.Errorf("CallAt(%d) = %+v, %v", offset, got, ok)
	}
}

func TestFill(t *testing.T) {
	src := "a = $swupdate_get_size(big); b = \"$swupdate_get_size(big)\"; c = $swupdate_get_size(small); // @@NO@@\n@@B@@ \"$swupdate_get_unique_IV(x)\" @@VERSION@@"
	text, err := source().Expand("t", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"big": "3000000000", "small": "2147483647", "x": "00112233445566778899aabbccddeeff"}
	fill := func(c template.Call) (string, error) { return values[c.Arg], nil }
	full, err := text.Fill(fill)
	if err != nil {
		t.Fatal(err)
	}
	want := "a = 3000000000L; b = \"3000000000\"; c = 2147483647; // @@NO@@\n1 \"00112233445566778899aabbccddeeff\" 2.4.0"
	if got := string(full.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, c := range full.Calls() {
		if full.Pos(c.Start) != c.Pos || full.Pos(c.End-1) != c.Pos {
			t.Errorf("%+v is said to stand at %v", c, full.Pos(c.Start))
		}
	}
	if got := full.Pos(strings.Index(want, "2.4.0")); got != (diag.Pos{File: "t", Line: 2, Col: 36}) {
		t.Errorf("what follows stands at %v", got)
	}
	again, err := full.Fill(fill)
	if err != nil || string(again.Bytes()) != want {
		t.Errorf("filled again: %s, %v", again.Bytes(), err)
	}
	if !strings.HasPrefix(string(text.Bytes()), "a = 0;") {
		t.Error("the original has changed")
	}
}

func TestFillJSON(t *testing.T) {
	text, err := template.Expand("t", []byte(`{"size": $swupdate_get_size(x)}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	full, err := text.Fill(func(template.Call) (string, error) { return "3000000000", nil })
	if err != nil || string(full.Bytes()) != `{"size": 3000000000}` {
		t.Errorf("got %s, %v", full.Bytes(), err)
	}
}

func TestFillErrors(t *testing.T) {
	src := "sha256 = \"@none\";\n$swupdate_get_size(hint)\n$swupdate_get_size(minus)\n$swupdate_get_IV(short)\n$swupdate_get_IV(odd)"
	text, err := template.Expand("t", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = text.Fill(func(c template.Call) (string, error) {
		switch c.Arg {
		case "none":
			return "", errors.New("no such artifact")
		case "hint":
			return "", diag.Diagnostic{Msg: "no such file", Hint: "did you mean hunt?"}
		}
		return map[string]string{"minus": "-1", "short": "00", "odd": zeroIV[1:] + "x"}[c.Arg], nil
	})
	want := `t:1:11: $swupdate_get_sha256(none): no such artifact
t:2:1: $swupdate_get_size(hint): no such file (did you mean hunt?)
t:3:1: $swupdate_get_size(minus): "-1" is not a size in bytes
t:4:1: $swupdate_get_IV(short): "00" is not of 32 hexadecimal digits
t:5:1: $swupdate_get_IV(odd): "` + zeroIV[1:] + `x" is not of 32 hexadecimal digits`
	if got := flat(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFillWithoutCalls(t *testing.T) {
	text, err := template.Expand("t", []byte("a = 1;"), nil)
	if err != nil {
		t.Fatal(err)
	}
	full, err := text.Fill(nil)
	if err != nil || string(full.Bytes()) != "a = 1;" || len(full.Calls()) != 0 {
		t.Errorf("got %q, %v", full.Bytes(), err)
	}
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"A": true, "a-b.c": true, "1st": true, "_x": true, "A[b]": true, "A[-.+b_1]": true,
		"": false, "-a": false, ".a": false, "a+b": false, "A[]": false, "A[b": false, "A]": false,
		"A[b]c": false, "A[b][c]": false, "[b]": false, "A B": false, "A:b": false, "A/b": false, "é": false,
	} {
		if got := template.IsName(name); got != want {
			t.Errorf("IsName(%q) = %v", name, got)
		}
	}
}

// Text that opens many functions, comments and groups takes time in proportion
// to its length.
func TestFunctionsLinear(t *testing.T) {
	tests := map[string]string{
		"functions":         strings.Repeat("\"$swupdate_get_sha256(file)\"\n", 10_000),
		"one line":          strings.Repeat("$swupdate_get_size(f)", 10_000),
		"open functions":    strings.Repeat("$a(", 100_000),
		"our open ones":     strings.Repeat("$swupdate_x(", 20_000),
		"packages":          strings.Repeat("$swupdate_get_pkgvar(u-boot)\n", 10_000),
		"open groups":       strings.Repeat("{", 250_000),
		"closed groups":     strings.Repeat("}", 250_000),
		"open comments":     strings.Repeat("/*", 125_000),
		"comments":          strings.Repeat("# @@NO@@\n", 30_000),
		"comments, one use": strings.Repeat("/**/", 60_000) + "@@B@@",
		"quotes":            strings.Repeat("\"", 250_000),
		"backslashes":       "\"" + strings.Repeat("\\", 250_000),
		"undefined":         strings.Repeat("@@N@@@@O@@", 25_000),
		"auto versions":     strings.Repeat("{version = \"@SWU_AUTO_VERSION\"; filename = \"u-boot\"}", 5_000),
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if text, err := source().Expand("t", []byte(src)); err == nil {
				if _, err := text.Fill(func(c template.Call) (string, error) { return string(text.Bytes()[c.Start:c.End]), nil }); err != nil {
					t.Error(err)
				}
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%d bytes took %v", len(src), took)
			}
		})
	}
}

func BenchmarkExpand(b *testing.B) {
	entry := `	{
		filename = "@@ROOTFS@@"; // for @@MACHINE@@
		sha256 = "$swupdate_get_sha256(@@ROOTFS@@)";
		version = "$swupdate_get_pkgvar(u-boot)";
		type = "raw"; device = "/dev/mmcblk0p2"; compressed = "zlib"; installed-directly = true;
	},
`
	src := []byte("software = { images: (" + strings.Repeat(entry, 1<<20/len(entry)) + "); }\n")
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, err := source().Expand("t", src); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleSource_Expand() {
	src := `images: ({
	filename = "@@IMAGE@@@@FSTYPES[@@IMAGE@@]@@";
	sha256 = "$swupdate_get_sha256(@@IMAGE@@@@FSTYPES[@@IMAGE@@]@@)";
	version = "$swupdate_get_pkgvar(u-boot)";
});
`
	source := template.Source{
		Vars: template.Vars{"IMAGE": "core-image", "FSTYPES[core-image]": ".ext4"},
		Packages: func(pkg, variable string) (string, error) {
			return "2022.01", nil
		},
	}
	text, err := source.Expand("sw-description.in", []byte(src))
	if err != nil {
		fmt.Println(err)
		return
	}
	full, err := text.Fill(func(call template.Call) (string, error) {
		fmt.Printf("%v: %v of %s\n", call.Pos, call.Func, call.Arg)
		return strings.Repeat("5a", 32), nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", full.Bytes())
	// Output:
	// sw-description.in:3:12: swupdate_get_sha256 of core-image.ext4
	// images: ({
	// 	filename = "core-image.ext4";
	// 	sha256 = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
	// 	version = "2022.01";
	// });
}
