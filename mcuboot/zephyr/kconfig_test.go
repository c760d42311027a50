package zephyr

import (
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	c, err := parseConfig("c", []byte(`
# Zephyr Kernel Configuration
CONFIG_BOOL=y
# CONFIG_OFF is not set
CONFIG_MODULE=m
CONFIG_INT=-12
CONFIG_HEX=0x1F
CONFIG_TEXT="a \"b\" c:\\d # e"
CONFIG_EMPTY=""
CONFIG_N=n
# end of Zephyr Kernel Configuration`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"CONFIG_BOOL": "y", "CONFIG_MODULE": "m", "CONFIG_INT": "-12", "CONFIG_HEX": "0x1F", "CONFIG_TEXT": `a "b" c:\d # e`,
	} {
		if s, ok := c.get(name); !ok || s.value != want {
			t.Errorf("%s: got %q, %v", name, s.value, ok)
		}
	}
	for _, name := range []string{"CONFIG_OFF", "CONFIG_EMPTY", "CONFIG_N", "CONFIG_GONE"} {
		if s, ok := c.get(name); ok || c.on(name) {
			t.Errorf("%s: has a value: %q", name, s.value)
		}
	}
	if !c.on("CONFIG_BOOL") || c.on("CONFIG_MODULE") {
		t.Error("y is on, m is not")
	}
	if s := c.symbols["CONFIG_HEX"]; s.from() != "c:7: CONFIG_HEX" {
		t.Errorf("from %q", s.from())
	}
}

func TestConfigRefused(t *testing.T) {
	for src, want := range map[string]string{
		"CONFIG_A":                          `c:1: "CONFIG_A": want CONFIG_NAME=VALUE or a comment`,
		"CONFIG_A=maybe":                    `c:1: "CONFIG_A=maybe": want CONFIG_NAME=VALUE or a comment`,
		"CONFIG_A=0xg":                      `c:1: "CONFIG_A=0xg": want CONFIG_NAME=VALUE or a comment`,
		`CONFIG_A="b`:                       `c:1: "CONFIG_A=\"b": want CONFIG_NAME=VALUE or a comment`,
		`CONFIG_A="b" c"`:                   `c:1: "CONFIG_A=\"b\" c\"": want CONFIG_NAME=VALUE or a comment`,
		"SB_CONFIG_A=y":                     `c:1: "SB_CONFIG_A=y": want CONFIG_NAME=VALUE or a comment`,
		"CONFIG_A=y\nCONFIG_A=y":            `c:2: CONFIG_A: stands in line 1 already`,
		"A=1\n\nB=2":                        "c:1: \"A=1\": want CONFIG_NAME=VALUE or a comment\nc:3: \"B=2\": want CONFIG_NAME=VALUE or a comment",
		"CONFIG_A=1\n# CONFIG_A is not set": `c:2: CONFIG_A: stands in line 1 already`,
	} {
		if _, err := parseConfig("c", []byte(src)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", src, err, want)
		}
	}
}

func TestPartitions(t *testing.T) {
	const want = "0xc000 | app | mcuboot_pad tfm app"
	for _, src := range []string{
		"PM_A_ADDRESS=0xc000\nPM_A_NAME=app\nPM_A_SPAN=\"mcuboot_pad tfm app\"",
		"/* File generated */\n#ifndef PM_CONFIG_H__\n#define PM_CONFIG_H__\n#define PM_A_ADDRESS 0xc000\n#define PM_A_NAME app\n#define PM_A_SPAN \"mcuboot_pad tfm app\"\n#endif /* PM_CONFIG_H__ */",
	} {
		c, err := parsePartitions("p", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{"PM_A_ADDRESS", "PM_A_NAME", "PM_A_SPAN"} {
			s, _ := c.get(name)
			got = append(got, s.value)
		}
		if got := strings.Join(got, " | "); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for src, want := range map[string]string{
		"PM_A=1\nPM_A=2":    "p:2: PM_A: stands in line 1 already",
		"A=1":               `p:1: "A=1": want PM_NAME=VALUE, or #define PM_NAME VALUE`,
		"#include <pm.h>":   `p:1: "#include <pm.h>": want PM_NAME=VALUE, or #define PM_NAME VALUE`,
		"#define OTHER 1\n": `p:1: "#define OTHER 1": want PM_NAME=VALUE, or #define PM_NAME VALUE`,
	} {
		if _, err := parsePartitions("p", []byte(src)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", src, err, want)
		}
	}
}
