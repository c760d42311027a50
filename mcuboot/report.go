package mcuboot

import (
	"fmt"
	"strings"
)

// Rule is a rule that a bootloader has about images.
type Rule string

// The rules, in the order of a report. A report has those that the bootloader
// described has.
const (
	RuleHeader       Rule = "header"        // magic, sizes, flags
	RuleBootable     Rule = "bootable"      // not NON_BOOTABLE
	RuleStructure    Rule = "TLV structure" // areas and entries fill each other
	RuleSize         Rule = "size"          // room in the slot
	RuleAllowList    Rule = "allow-list"    // unprotected types
	RuleDecryption   Rule = "decryption"    // the wrapped key opens
	RuleHash         Rule = "hash"
	RuleSignature    Rule = "signature"
	RuleCompression  Rule = "decompression"    // what comes out is what was signed
	RuleCounter      Rule = "security counter" // at least the stored one
	RuleVendor       Rule = "vendor"
	RuleClass        Rule = "class"
	RuleBootRecord   Rule = "boot record"
	RuleVersion      Rule = "version" // no downgrade
	RuleDependencies Rule = "dependencies"
	RuleAddress      Rule = "address" // linked for this slot, or for this RAM
	RuleTrailer      Rule = "trailer"
)

// Outcome is what came out of checking a rule.
type Outcome int

// The outcomes.
const (
	Unchecked Outcome = iota // the bootloader checks it, and something to do so is missing here
	Passed
	Failed
)

// String returns "unchecked", "passed" or "failed".
func (o Outcome) String() string {
	switch o {
	case Passed:
		return "passed"
	case Failed:
		return "failed"
	}
	return "unchecked"
}

// Finding is what came out of one rule.
type Finding struct {
	Rule    Rule
	Outcome Outcome
	Detail  string // what is wrong, or why it is unchecked, or what was found
}

// Upgrade is what a bootloader does with an upgrade, by its trailer.
type Upgrade string

// The upgrades.
const (
	UpgradeNone      Upgrade = "none" // no trailer yet: something on the device has to ask for the upgrade
	UpgradeTest      Upgrade = "test" // runs once, unless the firmware confirms it
	UpgradePermanent Upgrade = "permanent"
)

// Report is what a bootloader will make of an image.
type Report struct {
	// Image is the image, its body decrypted where that was possible; nil where
	// it cannot be read.
	Image    *Image
	Findings []Finding
	Upgrade  Upgrade
}

// Err returns the first rule that the image breaks as an error, or nil. It says
// nothing of what is unchecked.
func (r *Report) Err() error {
	for _, f := range r.Findings {
		if f.Outcome == Failed {
			return fmt.Errorf("mcuboot: rule %q: %s", f.Rule, f.Detail)
		}
	}
	return nil
}

// Accepted tells whether the bootloader takes the image: all its rules were
// checked, and none is broken.
func (r *Report) Accepted() bool {
	return r.Err() == nil && len(r.Unchecked()) == 0
}

// Unchecked returns the findings about rules that could not be checked.
func (r *Report) Unchecked() []Finding {
	var open []Finding
	for _, f := range r.Findings {
		if f.Outcome == Unchecked {
			open = append(open, f)
		}
	}
	return open
}

// Finding returns the finding about a rule, if the bootloader has it and it was
// reached.
func (r *Report) Finding(rule Rule) (Finding, bool) {
	for _, f := range r.Findings {
		if f.Rule == rule {
			return f, true
		}
	}
	return Finding{}, false
}

// String formats r as a table.
func (r *Report) String() string {
	var b strings.Builder
	for _, f := range r.Findings {
		line := fmt.Sprintf("%-16s  %-9s  %s", f.Rule, f.Outcome, f.Detail)
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
