package lint

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

func diskformat(settings ...string) string {
	return software(list("partitions", typed("diskformat", `device = "/dev/mmcblk0p3"`, properties(settings...))))
}

func readback(settings ...string) string {
	return software(list("images", rootfs()), list("scripts", typed("readback", `device = "/dev/mmcblk0p2"`, properties(settings...))))
}

// propertyRules are about properties of all handlers.
var propertyRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD210", Name: "missing-property", Severity: Error,
			Why:     "The handler fails without the property, after the update has begun.",
			Hint:    "add it to properties",
			Failing: these(draft(diskformat(`force = "true"`)), draft(readback(`size = "1024"`)), draft(software(list("scripts", typed("docker_imageprune"))), "SWD202")),
			Passing: these(draft(diskformat(`fstype = "ext4"`))),
		}, eachEntry(checkRequired)},
		{Rule{ID: "SWD211", Name: "unknown-property", Severity: Warning,
			Why:     "The handler does not look at the property.",
			Hint:    "remove it",
			Failing: these(draft(diskformat(`fstype = "ext4"`, `forse = "true"`)), draft(images(typed("btrfs-receive", `filename = "a"`, properties(`path = "/a"`, `tomount = "true"`))), "SWD202")),
			Passing: these(draft(diskformat(`fstype = "ext4"`, `force = "true"`)), draft(images(rootfs(properties(`decompressed-size = "1048576"`))))),
		}, eachProperty(checkKnown)},
		{Rule{ID: "SWD212", Name: "property-is-a-list", Severity: Warning,
			Why:     "Where one text is wanted the handler takes the last of a list.",
			Hint:    "write one text",
			Failing: these(draft(diskformat(`fstype = [ "ext4", "vfat" ]`))),
			Passing: these(draft(diskformat(`fstype = "ext4"`))),
		}, eachProperty(checkSingle)},
		{Rule{ID: "SWD213", Name: "bad-switch", Severity: Warning,
			Why:     "A handler takes \"true\" and \"TRUE\" for true, and everything else for false.",
			Hint:    "write \"true\" or \"false\"",
			Failing: these(draft(diskformat(`fstype = "ext4"`, `force = "yes"`))),
			Passing: these(draft(diskformat(`fstype = "ext4"`, `force = "false"`))),
		}, eachProperty(checkSwitch)},
		{Rule{ID: "SWD214", Name: "bad-property-value", Severity: Error,
			Why:     "The handler refuses the value, or cannot read it.",
			Hint:    "write one of the values that are allowed",
			Failing: these(draft(diskformat(`fstype = "ntfs"`)), draft(readback(`sha256 = "9f86"`)), draft(readback(withDigest, `size = "1M"`))),
			Passing: these(draft(diskformat(`fstype = "vfat"`)), draft(readback(withDigest, `size = "1048576"`))),
		}, eachProperty(checkValue)},
		{Rule{ID: "SWD215", Name: "wrong-count", Severity: Error,
			Why:     "The handler wants exactly so many strings and fails otherwise.",
			Hint:    "write an array of so many strings",
			Failing: these(draft(software(list("scripts", typed("ubiswap", properties(`swap-0 = [ "rootfs" ]`)))))),
			Passing: these(draft(software(list("scripts", typed("ubiswap", properties(`swap-0 = [ "rootfs", "rootfs_new" ]`)))))),
		}, eachProperty(checkCount)},
	}
}

// swapRules are about properties with numbers in their names.
var swapRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD216", Name: "gap-in-numbers", Severity: Error,
			Why:     "The handler counts up until a number is missing, and does not see what comes after it.",
			Hint:    "number the properties one by one",
			Failing: these(draft(software(list("scripts", typed("ubiswap", properties(`swap-0 = [ "a", "b" ]`, `swap-2 = [ "c", "d" ]`)))))),
			Passing: these(draft(software(list("scripts", typed("ubiswap", properties(`swap-0 = [ "a", "b" ]`, `swap-1 = [ "c", "d" ]`)))))),
		}, eachEntry(checkNumbers)},
		{Rule{ID: "SWD217", Name: "too-many-swaps", Severity: Error,
			Why:     "The handler takes 16 pairs at most.",
			Hint:    "split the pairs between two entries",
			Failing: these(draft(software(list("scripts", typed("ubiswap", properties(manySwaps(17)...)))))),
			Passing: these(draft(software(list("scripts", typed("ubiswap", properties(manySwaps(16)...)))))),
		}, eachEntry(checkSwaps)},
	}
}

func manySwaps(n int) []string {
	var all []string
	for i := range n {
		number := strconv.Itoa(i)
		all = append(all, "swap-"+number+` = [ "a`+number+`", "b`+number+`" ]`)
	}
	return all
}

// property finds what a property of e means; ok is false where e's handler, and
// the one it hands its work to, do not know it.
func (c *checker) property(e *entry, name string) (p swupdate.Property, ok bool) {
	if p, ok = e.handler.Property(name); ok {
		return p, true
	}
	chained, _ := c.chained(e)
	return chained.Handler.Property(name)
}

// eachProperty visits the properties of entries whose handler is in the tables.
func eachProperty(check func(*checker, *entry, *swdesc.Setting, swupdate.Property, bool)) func(*checker) {
	return eachEntry(func(c *checker, e *entry) {
		if !e.described() || e.properties == nil {
			return
		}
		for _, setting := range e.properties.Settings() {
			p, known := c.property(e, setting.Name())
			check(c, e, setting, p, known)
		}
	})
}

func checkRequired(c *checker, e *entry) {
	if !e.described() {
		return
	}
	chained, _ := c.chained(e)
	for _, h := range []handler{e.handler, chained} {
		for _, p := range h.Properties {
			name := p.Name
			if p.Numbered {
				name += strconv.Itoa(p.First)
			}
			if p.Required && !given(e.properties, name) {
				c.report(e, "%s needs the property %s", h.Name, name)
			}
		}
	}
}

func checkKnown(c *checker, e *entry, setting *swdesc.Setting, _ swupdate.Property, known bool) {
	if chained, ok := c.chained(e); known || ok && (chained.Name == "" || chained.state == swupdate.HandlerCustom) || e.handler.Chain != "" && !ok {
		return // or a handler that nobody knows may read it
	}
	hint := misnamed[setting.Name()]
	if hint == "" {
		hint = diag.DidYouMean(setting.Name(), c.propertyNames(e))
	}
	c.reportAs(Warning, hint, setting, "%s has no property %s", e.typ, quote(setting.Name()))
}

// misnamed are properties that SWUpdate's manual calls by other names than the
// client does.
var misnamed = map[string]string{
	"tomount":     "the manual says tomount, and the client reads mount",
	"imageoffset": "the manual says imageoffset, and the client reads imageoffs",
}

func (c *checker) propertyNames(e *entry) []string {
	chained, _ := c.chained(e)
	var names []string
	for _, p := range slices.Concat(e.handler.Properties, chained.Properties, swupdate.CommonProperties()) {
		if p.Numbered {
			names = append(names, p.Name+strconv.Itoa(p.First))
		} else {
			names = append(names, p.Name)
		}
	}
	return names
}

func checkSingle(c *checker, _ *entry, setting *swdesc.Setting, p swupdate.Property, known bool) {
	if seq, ok := setting.Value().(sequence); ok && known && p.Types == swupdate.TypeString && len(seq.Values()) > 1 {
		c.report(setting, "property %s has %d values, and the last one counts", setting.Name(), len(seq.Values()))
	}
}

func checkSwitch(c *checker, _ *entry, setting *swdesc.Setting, p swupdate.Property, known bool) {
	if !known || p.Form != swupdate.FormSwitch {
		return
	}
	for _, s := range stringsOf(setting.Value()) {
		if text := s.Value(); c.known(text) && !strings.EqualFold(text, "false") && !swupdate.TrueProperty(text) {
			c.report(setting, "property %s is %s, and counts as false", setting.Name(), quote(text))
		}
	}
}

func checkValue(c *checker, e *entry, setting *swdesc.Setting, p swupdate.Property, known bool) {
	if !known {
		return
	}
	allowed := p.Values
	if p.Name == "fstype" && c.target.FileSystems != nil {
		allowed = c.target.FileSystems
	}
	for _, s := range stringsOf(setting.Value()) {
		text := s.Value()
		switch {
		case !c.known(text):
		case allowed != nil && !slices.Contains(allowed, text):
			c.reportAs(Error, diag.DidYouMean(text, allowed), setting, "property %s is %s: %s", setting.Name(), quote(text), strings.Join(allowed, ", "))
		case !wellFormed(text, p.Form):
			c.report(setting, "property %s is %s, and must be %s", setting.Name(), quote(text), formNames[p.Form])
		}
	}
}

var formNames = map[swupdate.Form]string{
	swupdate.FormSize:   "a number of bytes, or one that ends in K, M or G",
	swupdate.FormNumber: "a decimal number",
	swupdate.FormHex:    "64 hex digits",
}

func wellFormed(text string, form swupdate.Form) bool {
	switch form {
	case swupdate.FormSize:
		_, ok := swupdate.ParseSize(text)
		return ok
	case swupdate.FormNumber:
		return text != "" && strings.Trim(text, "0123456789") == ""
	case swupdate.FormHex:
		return isHex(text, 64)
	}
	return true
}

func checkCount(c *checker, _ *entry, setting *swdesc.Setting, p swupdate.Property, known bool) {
	n := len(stringsOf(setting.Value()))
	if known && p.Count > 0 && n != p.Count {
		c.report(setting, "property %s has %d strings, and must have %d", setting.Name(), n, p.Count)
	}
}

func checkNumbers(c *checker, e *entry) {
	if !e.described() || e.properties == nil {
		return
	}
	for _, p := range e.handler.Properties {
		if !p.Numbered {
			continue
		}
		next := p.First
		for e.properties.Get(p.Name+strconv.Itoa(next)) != nil {
			next++
		}
		c.reportBeyond(e, p, next)
	}
}

// reportBeyond tells of numbers above the first one that is missing. Where the
// very first one is missing, checkRequired tells of that.
func (c *checker) reportBeyond(e *entry, p swupdate.Property, missing int) {
	for _, setting := range e.properties.Settings() {
		if n, ok := p.Match(setting.Name()); ok && n > missing {
			c.report(setting, "%s is not seen, because there is no %s%d", setting.Name(), p.Name, missing)
		}
	}
}

func checkSwaps(c *checker, e *entry) {
	if !e.described() || e.properties == nil {
		return
	}
	for _, setting := range e.properties.Settings() {
		p, _ := e.handler.Property(setting.Name())
		if n, ok := p.Match(setting.Name()); ok && p.Numbered && p.Count == 2 && n >= swupdate.MaxSwaps {
			c.report(setting, "%s is beyond the %d pairs that %s takes", setting.Name(), swupdate.MaxSwaps, e.typ)
			return
		}
	}
}
