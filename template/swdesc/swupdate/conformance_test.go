package swupdate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// registered matches the lines in which a client names its handlers.
var registered = regexp.MustCompile(`\[print_registered_handlers\] : \t(\S+)`)

func TestConformanceHandlersOfDebian12(t *testing.T) {
	t.Parallel()
	v := device().Check(t, pack(t, describe("scripts = ( { filename = \"payload\"; type = \"postinstall\"; "+digest()+" } );")))
	var got []string
	for _, match := range registered.FindAllStringSubmatch(v.Log, -1) {
		got = append(got, match[1])
	}
	slices.Sort(got)
	if want := swupdate.Debian12().Handlers; !slices.Equal(got, want) {
		t.Errorf("the client has\n%q, the profile\n%q\n%s", got, want, v.Log)
	}
}

// minimal is an entry of h that passes a dry run.
func minimal(h swupdate.Handler, name string) string {
	fields := fmt.Sprintf("type = %q; name = \"n\"; device = \"/dev/null\"; volume = \"v\";", name)
	if h.Data == swupdate.NeedsData {
		fields += " filename = \"payload\"; " + digest()
	}
	return "{ " + fields + " }"
}

// Every handler is accepted in all of its sections, in a dry run.
func TestConformanceSectionsAccepted(t *testing.T) {
	t.Parallel()
	sections := map[swupdate.Section][]string{}
	for _, name := range swupdate.Debian12().Handlers {
		h, _ := swupdate.LookupHandler(name)
		for _, s := range []swupdate.Section{swupdate.Images, swupdate.Files, swupdate.Scripts, swupdate.Partitions} {
			// An entry of partitions has no artifact to be thrown away.
			if h.Sections.Has(s) && !(name == "dummy" && s == swupdate.Partitions) {
				sections[s] = append(sections[s], minimal(h, name))
			}
		}
	}
	list := func(s swupdate.Section) string {
		return fmt.Sprintf("%s = ( %s );\n", s, strings.Join(sections[s], ",\n"))
	}
	for _, lists := range []string{
		list(swupdate.Images) + list(swupdate.Files) + list(swupdate.Partitions),
		list(swupdate.Scripts), // by itself: an artifact can be a script or an image
	} {
		if v := device().DryRun(t, pack(t, describe(lists))); !v.Accepted {
			t.Errorf("refused: %s\n%s", v.Reason, v.Log)
		}
	}
}

// One handler of each kind is refused in each section that it does not name.
func TestConformanceSectionsRefused(t *testing.T) {
	for _, name := range []string{"raw", "lua"} {
		h, state := swupdate.Debian12().Handler(name)
		for _, s := range []swupdate.Section{swupdate.Images, swupdate.Scripts, swupdate.Partitions} {
			if !state.OK() || h.Sections.Has(s) {
				continue
			}
			t.Run(s.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				v := device().Check(t, pack(t, describe(fmt.Sprintf("%s = ( %s );", s, minimal(h, name)))))
				if v.Accepted || !strings.Contains(v.Reason, "'"+name+"' is not allowed") {
					t.Errorf("accepted %v: %s", v.Accepted, v.Reason)
				}
			})
		}
	}
}

// A handler that the profile lacks is one that the client refuses.
func TestConformanceHandlerRefused(t *testing.T) {
	t.Parallel()
	if _, state := swupdate.Debian12().Handler("copy"); state != swupdate.HandlerNotCompiled {
		t.Errorf("state %v", state)
	}
	v := device().Check(t, pack(t, describe("scripts = ( { type = \"copy\"; filename = \"payload\"; "+digest()+" } );")))
	if v.Accepted || !strings.Contains(v.Reason, "copy") {
		t.Errorf("accepted %v: %s", v.Accepted, v.Reason)
	}
}

func TestConformanceHardware(t *testing.T) {
	for _, test := range []struct{ entry, revision string }{
		{"1.0", "1.0"}, {"1", "1.0"}, {"#RE:1", "2.1"}, {`#RE:^1\\.[0-9]+$`, "1.12"}, {`#RE:^1\\.[0-9]+$`, "1.12a"},
		{"#RE:^(a|b){2}[[:digit:]]$", "ba7"}, {"#RE:(", "("}, {`#RE:^\\d$`, "7"}, {"#RE:", "any"}, {"#re:1", "1"},
	} {
		t.Run(test.entry+" "+test.revision, func(t *testing.T) {
			t.Parallel()
			description := fmt.Sprintf("software = { version = \"1\"; hardware-compatibility = [\"%s\"]; scripts = ( { filename = \"payload\"; type = \"postinstall\"; %s } ); };\n", test.entry, digest())
			client := device()
			client.HW = "board:" + test.revision
			v := client.Check(t, pack(t, description))
			got, err := swupdate.MatchHardware(strings.ReplaceAll(test.entry, `\\`, `\`), test.revision)
			if got != v.Accepted {
				t.Errorf("matches: %v, %v; the client accepts it: %v %s", got, err, v.Accepted, v.Reason)
			}
		})
	}
}

func TestConformanceOffsets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	texts := []string{
		"", "0", "7", "010", "0x10", "0X1f", "08", "0b11", "0x", "0xg", "+5", " 7", "7 ", "\t9", "1e3",
		"1K", "1k", "1Ki", "1KiB", "1ki", "1kb", "1kIB", "1K5", "0x1K", "2M", "2m", "2Mi", "3mB", "3MiB", "1G", "1g", "1.5K", "1T", "1i", "12abc",
	}
	var entries []string
	for i, text := range texts {
		target := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(target, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, fmt.Sprintf("{ filename = \"payload\"; type = \"raw\"; device = %q; offset = \"%s\"; %s }", target, text, digest()))
	}
	v := device().Install(t, pack(t, describe(fmt.Sprintf("images = ( %s );", strings.Join(entries, ",\n")))))
	if !v.Accepted {
		t.Fatalf("refused: %s\n%s", v.Reason, v.Log)
	}
	for i, text := range texts {
		info, err := os.Stat(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		at := info.Size() - int64(len(payload))
		if n, ok, _ := swupdate.ParseOffset(text, swupdate.Debian12().Release); n != at || !ok {
			t.Errorf("%q: read as %d, %v; the client writes at %d", text, n, ok, at)
		}
	}
}

func TestConformanceOffsetsRefused(t *testing.T) {
	target := file(t, "target", "")
	for _, text := range []string{"K", "-1", "99999999999999999999"} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if n, ok, _ := swupdate.ParseOffset(text, swupdate.Debian12().Release); ok {
				t.Errorf("read as %d", n)
			}
			v := device().Install(t, pack(t, describe(fmt.Sprintf("images = ( { filename = \"payload\"; type = \"raw\"; device = %q; offset = %q; %s } );", target, text, digest()))))
			if v.Accepted {
				t.Error("accepted")
			}
		})
	}
}

// Switches of handlers are on for two spellings alone.
func TestConformanceSwitches(t *testing.T) {
	for value, want := range map[string]bool{"true": true, "TRUE": true, "True": false, "1": false} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			entry := fmt.Sprintf("{ filename = \"payload\"; path = \"%s/new/f\"; properties = { create-destination = %q; }; %s }", t.TempDir(), value, digest())
			v := device().Install(t, pack(t, describe("files = ( "+entry+" );")))
			if v.Accepted != want || swupdate.TrueProperty(value) != want {
				t.Errorf("accepted %v, want %v: %s", v.Accepted, want, v.Reason)
			}
		})
	}
}

// What a handler does without a copy of the artifact: all but scripts can.
func TestConformanceStreamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var entries []string
	for i, fields := range []string{
		`type = "rawfile"; path = "` + dir + `/new";`, `type = "bootloader";`, `type = "raw"; device = "` + file(t, "device", "") + `";`, `type = "dummy";`,
	} {
		entries = append(entries, fmt.Sprintf("{ filename = \"payload%d\"; installed-directly = true; %s %s }", i, fields, digest()))
	}
	swu := pack(t, describe("files = ( "+strings.Join(entries, ",\n")+" );"), "payload0", "payload1", "payload2", "payload3")
	if v := device().Install(t, swu); !v.Accepted {
		t.Errorf("refused: %s\n%s", v.Reason, v.Log)
	}
	swu = pack(t, describe("scripts = ( { filename = \"payload\"; type = \"postinstall\"; installed-directly = true; "+digest()+" } );"))
	if v := device().Install(t, swu); v.Accepted || !strings.Contains(v.Reason, "streaming") {
		t.Errorf("a streamed script: accepted %v: %s", v.Accepted, v.Reason)
	}
}
