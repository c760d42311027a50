package zephyr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/internal/diag"
)

// inRoot makes a tree of what stands in the root node.
func inRoot(body string) string { return "/dts-v1/;\n/ {\n" + body + "\n};\n" }

// written formats a value the way that errors of these tests show it.
func written(v value) string {
	switch {
	case v.text != nil:
		return fmt.Sprintf("%q", *v.text)
	case v.bytes != nil:
		return fmt.Sprintf("[%x]", *v.bytes)
	case v.ref != "":
		return "&" + v.ref
	}
	var cells []string
	for _, c := range v.cells {
		if c.ref != "" {
			cells = append(cells, "&"+c.ref)
		} else {
			cells = append(cells, fmt.Sprint(c.number))
		}
	}
	return fmt.Sprintf("%d<%s>", v.bits, strings.Join(cells, " "))
}

func TestValues(t *testing.T) {
	for src, want := range map[string]string{
		`x;`:                                        ``,
		`x = "a";`:                                  `"a"`,
		`x = "", "b\n\"\\\x41\101";`:                `"" "b\n\"\\AA"`,
		`x = "/* no // comment */";`:                `"/* no // comment */"`,
		`x = <>;`:                                   `32<>`,
		`x = < 1 0x2 0XfF >;`:                       `32<1 2 255>`,
		`x = <1>, <2 3>;`:                           `32<1> 32<2 3>`,
		`x = <0xffffffff>;`:                         `32<4294967295>`,
		`x = <&y 1>, <&{/n@0} 2>;`:                  `32<&y 1> 32<&{/n@0} 2>`,
		`x = &y, &{/}, &{/n@0};`:                    `&y &{/} &{/n@0}`,
		`x = [ C2 28 17 ];`:                         `[c22817]`,
		`x = [c22817];`:                             `[c22817]`,
		`x = [];`:                                   `[]`,
		`x = /bits/ 8 < 1 255 >;`:                   `8<1 255>`,
		`x = /bits/ 64 < 0xffffffffffffffff>;`:      `64<18446744073709551615>`,
		`x = l0: <1 l1: 2 l2:>, l3: "a" l4:;`:       `32<1 2> "a"`,
		`p: q: x = <1>; // c`:                       `32<1>`,
		"x /* a */ = /* b */ <1 /* c */ 2 // d\n>;": `32<1 2>`,
	} {
		tr, err := parseTree("f.dts", []byte(inRoot(src+"\ny: n@0 { };")))
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		var got []string
		for _, v := range tr.root.props["x"].values {
			got = append(got, written(v))
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: got %s, want %s", src, got, want)
		}
	}
}

func TestTree(t *testing.T) {
	tr, err := parseTree("f.dts", []byte("/dts-v1/;\n/memreserve/ 0x1000 0x20;\n"+`
/* node '/' defined in a.dts:1 */
/ {
	#address-cells = < 0x1 >; /* in a.dts:2 */
	a0: a1: a@1f,0 {
		zephyr,thing?;
		b { c { }; };
	};
	b { };
};`))
	if err != nil {
		t.Fatal(err)
	}
	a := tr.find("a1")
	if a == nil || a != tr.find("a0") || a != tr.find("{/a@1f,0}") || a.name != "a@1f,0" || !slices.Equal(a.labels, []string{"a0", "a1"}) {
		t.Errorf("a is %+v", a)
	}
	if a.props["zephyr,thing?"] == nil || a.parent != tr.root || a.pos.String() != "f.dts:7:10" {
		t.Errorf("a is %+v", a)
	}
	if c := tr.find("{/a@1f,0/b/c}"); c == nil || c.parent.parent != a {
		t.Errorf("c is %+v", c)
	}
	if tr.find("{/a@1f,0/c}") != nil || tr.find("nothing") != nil {
		t.Error("found what is not there")
	}
}

func TestTreeRefused(t *testing.T) {
	for src, want := range map[string]string{
		``:                                `f.dts:1:1: the end of the file: want /dts-v1/`,
		`/dts-v1/;`:                       `f.dts:1:10: the end of the file: want /`,
		"/dts-v1/;\n/ { }":                `f.dts:2:6: the end of the file: want ;`,
		"/dts-v1/;\n/ { };\n&x { };":      `f.dts:3:1: "&x { };" behind the root node: a merged tree ends here`,
		"/dts-v1/;\n/ { };\n/ { };":       `f.dts:3:1: "/ { };" behind the root node: a merged tree ends here`,
		"#include <a.dtsi>\n/dts-v1/;":    `f.dts:1:1: "#include <a.dtsi>": want /dts-v1/`,
		inRoot(`#include "a.dtsi"`):       `f.dts:3:1: #include: does not occur in a merged tree`,
		inRoot(`/include/ "a.dtsi"`):      `f.dts:3:1: /include/: does not occur in a merged tree`,
		inRoot(`/delete-node/ &x;`):       `f.dts:3:1: /delete-node/: does not occur in a merged tree`,
		inRoot(`/delete-property/ x;`):    `f.dts:3:1: /delete-property/: does not occur in a merged tree`,
		inRoot(`x = <1>`):                 `f.dts:4:1: "};": want ;`,
		inRoot(`x = ;`):                   `f.dts:3:5: ";": want a value: "text", <cells>, [bytes] or &label`,
		inRoot(`x = <(1 + 2)>;`):          `f.dts:3:6: cell "(1 + 2)>;": want a decimal or hexadecimal number of up to 64 bits, or &label`,
		inRoot(`x = <1`):                  `f.dts:4:1: cell "};": want a decimal or hexadecimal number of up to 64 bits, or &label`,
		inRoot(`x = <MACRO>;`):            `f.dts:3:6: cell "MACRO": want a decimal or hexadecimal number of up to 64 bits, or &label`,
		inRoot(`x = <010>;`):              `f.dts:3:6: cell "010": want a decimal or hexadecimal number of up to 64 bits, or &label`,
		inRoot(`x = <-1>;`):               `f.dts:3:6: cell "-1": want a decimal or hexadecimal number of up to 64 bits, or &label`,
		inRoot(`x = <0x100000000>;`):      `f.dts:3:6: cell 0x100000000: want at most 32 bits`,
		inRoot(`x = /bits/ 8 <256>;`):     `f.dts:3:15: cell 0x100: want at most 8 bits`,
		inRoot(`x = /bits/ 7 <1>;`):       `f.dts:3:12: /bits/ "7": want 8, 16, 32 or 64`,
		inRoot(`x = [1];`):                `f.dts:3:7: 1: want pairs of hexadecimal digits`,
		inRoot(`x = [0g];`):               `f.dts:3:7: 0: want pairs of hexadecimal digits`,
		inRoot(`x = [g0];`):               `f.dts:3:6: "g0];": want pairs of hexadecimal digits`,
		inRoot(`x = "a`):                  `f.dts:3:5: the string has no end`,
		inRoot(`x = "\q";`):               `f.dts:3:7: \q: not an escape of a string`,
		inRoot(`x = "\777";`):             `f.dts:3:7: \7: not an escape of a string`,
		inRoot(`x = <1>; x = <2>;`):       `f.dts:3:10: property x: there are two in /`,
		inRoot(`n { }; n { };`):           `f.dts:3:8: node n: there are two below /`,
		inRoot(`n { }; x = <1>;`):         `f.dts:3:8: property x: behind a node, properties come first`,
		inRoot(`l: a { }; l: b { };`):     `f.dts:3:14: label l: another node has it`,
		inRoot(`x@1 = <1>;`):              `f.dts:3:1: property x@1: only names of nodes have an @`,
		inRoot(`n@1@2 { };`):              `f.dts:3:1: node n@1@2: more than one @`,
		inRoot(`x = &gone;`):              `f.dts:3:5: &gone: no node has that label or path`,
		inRoot(`x = <1 &{/gone}>;`):       `f.dts:3:8: &{/gone}: no node has that label or path`,
		inRoot(`x = &;`):                  `f.dts:3:6: ";": want a label behind the ampersand`,
		inRoot(`x = &{gone};`):            `f.dts:3:5: &{gone}: want a path that begins with a slash`,
		inRoot(`/* x`):                    `f.dts:3:1: the comment has no end`,
		inRoot(`= 1;`):                    `f.dts:3:1: "= 1;": want the name of a node or a property`,
		inRoot(strings.Repeat("n {", 64)): `f.dts:3:192: nodes are nested more than 64 deep`,
	} {
		_, err := parseTree("f.dts", []byte(src))
		var d diag.Diagnostic
		if !errors.As(err, &d) || err.Error() != want {
			t.Errorf("%.60q:\n got %v\nwant %s", src, err, want)
		}
	}
}

// Depth up to the limit is fine, and what is refused beyond it ends soon.
func TestDepth(t *testing.T) {
	deep := func(n int) []byte {
		return []byte(inRoot(strings.Repeat("n {", n) + strings.Repeat("};", n)))
	}
	if _, err := parseTree("f", deep(maxDepth-1)); err != nil {
		t.Error(err)
	}
	if _, err := parseTree("f", deep(1<<20)); err == nil {
		t.Error("a million nodes in each other pass")
	}
}
