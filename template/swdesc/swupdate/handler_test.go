package swupdate

import (
	"slices"
	"strings"
	"testing"
)

func TestHandlers(t *testing.T) {
	if !slices.IsSortedFunc(handlers(), func(a, b Handler) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
	names := 0
	for _, h := range Handlers() {
		t.Run(h.Name, func(t *testing.T) { checkHandler(t, h) })
		names += len(h.Names())
	}
	if len(HandlerNames()) != names {
		t.Error("two handlers have the same name")
	}
	if _, ok := LookupHandler("nosuch"); ok {
		t.Error("a handler that is none")
	}
}

func checkHandler(t *testing.T, h Handler) {
	checkDoc(t, h.Name, h.Doc)
	for _, name := range h.Names() {
		checkSince(t, name, h.SinceAs(name))
		if found, ok := LookupHandler(name); !ok || found.Name != h.Name {
			t.Errorf("%s: found %s", name, found.Name)
		}
	}
	if h.Sections == 0 || h.Home == 0 || !h.Sections.Has(h.Home) || !Entries.Has(h.Sections) {
		t.Errorf("sections %v, home %v", h.Sections, h.Home)
	}
	if payloads := h.Sections & Payloads; payloads != 0 && payloads != Payloads {
		t.Error("images and files are one class")
	}
	if h.Sections.Has(Scripts) != (h.Calls != 0) {
		t.Errorf("sections %v, calls %v", h.Sections, h.Calls)
	}
	if h.Streamable && (h.Data == NoData || slices.Contains(h.Refuses, "installed-directly") || slices.Contains(h.Ignores, "installed-directly")) {
		t.Error("cannot be streamable")
	}
	for _, n := range h.Needs {
		checkNeed(t, h, n)
	}
	for _, name := range slices.Concat(h.Ignores, h.Refuses) {
		if _, ok := LookupAttribute(h.Sections&-h.Sections, name); !ok {
			t.Errorf("%s is no attribute", name)
		}
	}
	for _, p := range h.Properties {
		checkProperty(t, p)
	}
	if _, ok := h.Property(h.Chain); h.Chain != "" && !ok {
		t.Errorf("no property %s", h.Chain)
	}
}

func checkNeed(t *testing.T, h Handler, n Need) {
	t.Helper()
	for _, name := range n.AnyOf {
		if _, ok := LookupAttribute(h.Sections&-h.Sections, name); !ok {
			t.Errorf("needs %s, which is no attribute", name)
		}
	}
	if _, ok := h.Property(n.Property); n.Property != "" && !ok {
		t.Errorf("depends on %s, which is no property", n.Property)
	}
}

func checkProperty(t *testing.T, p Property) {
	t.Helper()
	checkDoc(t, p.Name, p.Doc)
	checkSince(t, p.Name, p.Since)
	if p.Types == 0 || p.Types&^(TypeString|TypeStrings) != 0 || p.Count > 0 && p.Types != TypeStrings {
		t.Errorf("%s: types %v, count %d", p.Name, p.Types, p.Count)
	}
	if p.Required && p.Default != "" || p.Form == FormSwitch && p.Values != nil {
		t.Errorf("%s: %+v", p.Name, p)
	}
	if p.Numbered != strings.HasSuffix(p.Name, "-") {
		t.Errorf("%s: numbered %v", p.Name, p.Numbered)
	}
}

// The table has what the manual and the clients have, no more and no less.
func TestHandlerNames(t *testing.T) {
	want := strings.Fields(`archive bootloader btrfs btrfs-receive copy delta diskformat diskpart docker_containercreate
		docker_containerdelete docker_containerstart docker_containerstop docker_imagedelete docker_imageload docker_imageprune
		docker_networkcreate docker_networkdelete docker_volumecreate docker_volumedelete dummy emmc_boot emmc_boot_toggle executor
		flash flash-hamming1 gptpart gptswap lua postinstall preinstall raw rawcopy rawfile rdiff_file rdiff_image readback remote
		shellscript ssblswitch swuforward tar toggleboot ubipartition ubiswap ubivol uboot ucfw uniqueuuid`)
	if got := HandlerNames(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPropertyMatch(t *testing.T) {
	for _, test := range []struct {
		handler, name string
		number        int
		ok            bool
	}{
		{"ubiswap", "swap-0", 0, true}, {"ubiswap", "swap-15", 15, true}, {"ubiswap", "swap-", 0, false}, {"ubiswap", "swap-x", 0, false},
		{"ubiswap", "swap-01", 0, false}, {"ubiswap", "swap--1", 0, false}, {"ubiswap", "swap-+1", 0, false}, {"ubiswap", "swap-99999999999999999999", 0, false},
		{"diskpart", "partition-1", 1, true}, {"diskpart", "partition-0", 0, false}, {"diskpart", "labeltype", 0, true}, {"diskpart", "Labeltype", 0, false},
		{"raw", "decompressed-size", 0, true}, {"raw", "url", 0, false}, {"delta", "url", 0, true},
	} {
		h, _ := LookupHandler(test.handler)
		p, ok := h.Property(test.name)
		number, match := p.Match(test.name)
		if ok != test.ok || match != test.ok || test.ok && number != test.number {
			t.Errorf("%s %s: %d, %v, %v", test.handler, test.name, number, ok, match)
		}
	}
}

func TestNeeds(t *testing.T) {
	for name, want := range map[string]string{
		"raw": "device", "flash": "device or mtdname", "gptpart": "device; volume", "ubipartition": "name; device; size", "copy": "device or path or mtdname; path",
	} {
		h, _ := LookupHandler(name)
		var got []string
		for _, n := range h.Needs {
			got = append(got, n.String())
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestPostOnly(t *testing.T) {
	for name, want := range map[string]bool{"ubiswap": true, "postinstall": true, "readback": true, "shellscript": false, "preinstall": false, "raw": false, "copy": false} {
		if h, _ := LookupHandler(name); h.PostOnly() != want {
			t.Errorf("%s: %v", name, h.PostOnly())
		}
	}
	if c := CallPreinst | CallPostinst; !c.Has(CallPostinst) || c.Has(CallPostfailure) {
		t.Error("a set of calls")
	}
}

func TestPartitionSettings(t *testing.T) {
	all := PartitionSettings()
	if !slices.IsSortedFunc(all, func(a, b PartitionSetting) int { return strings.Compare(a.Key, b.Key) }) {
		t.Error("not sorted")
	}
	for _, s := range all {
		checkDoc(t, s.Key, s.Doc)
		checkSince(t, s.Key, s.Since)
		if s.Label != "" && s.Label != "gpt" && s.Label != "dos" {
			t.Errorf("%s: label %q", s.Key, s.Label)
		}
	}
}

func TestCommonProperties(t *testing.T) {
	for _, p := range CommonProperties() {
		checkProperty(t, p)
		if p.Form != FormSize {
			t.Errorf("%s is no size", p.Name)
		}
	}
}
