package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

const withIV = `ivt = "000102030405060708090a0b0c0d0e0f"`

var withKey = `aes-key = "` + strings.Repeat("5a", 32) + `"`

// encryptionRules are about encrypted artifacts.
var encryptionRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD410", Name: "bad-ivt", Severity: Error,
			Why:     "With an ivt of another form the client decrypts 16 bytes wrongly and reports success.",
			Hint:    "write the 32 hex digits of the initial vector",
			Failing: these(draft(images(rootfs(`encrypted = true`, `ivt = "0011"`)))),
			Passing: these(draft(images(rootfs(`encrypted = true`, withIV)))),
		}, eachEntry(checkIV)},
		{Rule{ID: "SWD411", Name: "iv-reused", Severity: Warning,
			Why:     "Two artifacts with the same key and the same initial vector tell whether they begin with the same bytes.",
			Hint:    "draw a new initial vector for each artifact",
			Failing: these(draft(images(rootfs(`encrypted = true`, withIV), kernel(`encrypted = true`, withIV)))),
			Passing: these(draft(images(rootfs(`encrypted = true`, withIV), kernel(`encrypted = true`, `ivt = "f0e0d0c0b0a090807060504030201000"`)))),
		}, checkIVs},
		{Rule{ID: "SWD412", Name: "missing-ivt", Severity: Note,
			Why:     "Without ivt the client takes the initial vector of its key file, which is the same for every artifact of every update.",
			Hint:    "draw an initial vector for each artifact, and write it into ivt",
			Failing: these(finished(images(rootfs(`encrypted = true`, withDigest)))),
			Passing: these(finished(images(rootfs(`encrypted = true`, withIV, withDigest))), draft(images(rootfs(`encrypted = true`)))),
		}, eachEntry(checkMissingIV)},
		{Rule{ID: "SWD413", Name: "encrypted-text", Severity: Error, Depends: "For \"aes-cbc\" an error for targets before 2025.12, a warning where no target is named, and nothing for later targets.",
			Why:     "Clients before 2025.12 take the text for false and install the ciphertext with success, and later ones fail for all texts but \"aes-cbc\".",
			Hint:    "write encrypted = true; which every client takes for AES-CBC",
			Failing: these(draft(images(rootfs(`encrypted = "aes-cbc"`))), draft(images(rootfs(`encrypted = "aes-cbc"`))).on("debian-12"), draft(images(rootfs(`encrypted = "aes-ctr-256"`))).on("newest")),
			Passing: these(draft(images(rootfs(`encrypted = true`))), draft(images(rootfs(`encrypted = "aes-cbc"`))).on("2025.12")),
		}, eachEntry(checkEncryptedText)},
		{Rule{ID: "SWD414", Name: "not-encrypted", Severity: Warning,
			Why:     "The client does not decrypt an entry without encrypted, whatever ivt and aes-key say.",
			Hint:    "add encrypted = true; or remove ivt and aes-key",
			Failing: these(finished(images(rootfs(withIV, withDigest)))),
			Passing: these(finished(images(rootfs(`encrypted = true`, withIV, withDigest)))),
		}, eachEntry(checkNotEncrypted)},
		{Rule{ID: "SWD415", Name: "bad-aes-key", Severity: Error,
			Why:     "Keys of 32 and 48 digits make the installation fail, and of any other form the client takes its key file's instead.",
			Hint:    "write the 64 hex digits of an AES-256 key",
			Failing: these(draft(images(rootfs(`encrypted = true`, withIV, `aes-key = "00112233445566778899aabbccddeeff"`)), "SWD702", "SWD416")),
			Passing: these(draft(images(rootfs(`encrypted = true`, withIV, withKey)), "SWD702", "SWD416")),
		}, eachEntry(checkKey)},
		{Rule{ID: "SWD416", Name: "key-in-description", Severity: Note,
			Why:     "Whoever can read the description can decrypt the artifact, so that the description itself must be encrypted.",
			Hint:    "use the key file of the device, or encrypt the description",
			Failing: these(draft(images(rootfs(`encrypted = true`, withIV, withKey)), "SWD702")),
			Passing: these(draft(images(rootfs(`encrypted = true`, withIV)))),
		}, eachEntry(checkKeyShown)},
		{Rule{ID: "SWD417", Name: "no-decryption", Severity: Error,
			Why:     "The client of the target cannot decrypt artifacts.",
			Hint:    "pack the artifact in clear for this device",
			Failing: these(draft(images(rootfs(`encrypted = true`))).by(swupdate.Profile{Encryption: swupdate.No})),
			Passing: these(draft(images(rootfs(`encrypted = true`))).on("debian-12")),
		}, eachEntry(checkDecryption)},
	}
}

func checkIV(c *checker, e *entry) {
	if iv, ok := c.text(e.Group, "ivt"); ok && !isHex(iv, 32) {
		c.report(e.Get("ivt"), "ivt has %d bytes, and must be 32 hex digits", len(iv))
	}
}

func checkIVs(c *checker) {
	first := map[string]*entry{}
	for _, e := range c.entries {
		iv, ok := c.text(e.Group, "ivt")
		if iv = strings.ToLower(iv); !ok || !isHex(iv, 32) {
			continue
		}
		other := first[iv]
		if other == nil {
			first[iv] = e
			continue
		}
		mine, _ := e.filename()
		theirs, _ := other.filename()
		if mine != theirs {
			c.report(e.Get("ivt"), "%s has this ivt already", other.Path())
		}
	}
}

func checkMissingIV(c *checker, e *entry) {
	if !c.Draft && e.transformed("encrypted") && !given(e.Group, "ivt") {
		c.report(e.Get("encrypted"), "the entry is encrypted and has no ivt")
	}
}

func checkEncryptedText(c *checker, e *entry) {
	text, ok := c.text(e.Group, "encrypted")
	if !ok {
		return
	}
	setting, since := e.Get("encrypted"), swupdate.FeatureEncryptedName.Since()
	switch {
	case text != "aes-cbc":
		c.report(setting, "encrypted is %s, and \"aes-cbc\" is the only name that works", quote(text))
	case c.lacks(swupdate.FeatureEncryptedName):
		c.report(setting, "encrypted is text, which needs SWUpdate %s", since)
	case !c.named():
		c.reportAs(Warning, "", setting, "encrypted is text, which needs SWUpdate %s", since)
	}
}

func checkNotEncrypted(c *checker, e *entry) {
	if c.Draft || e.on("encrypted") {
		return
	}
	for _, name := range []string{"ivt", "aes-key"} {
		if given(e.Group, name) {
			c.report(e.Get(name), "%s is set, and the entry is not encrypted", name)
			return
		}
	}
}

func checkKey(c *checker, e *entry) {
	if key, ok := c.text(e.Group, "aes-key"); ok && !isHex(key, 64) {
		c.report(e.Get("aes-key"), "aes-key has %d bytes, and must be 64 hex digits", len(key))
	}
}

func checkKeyShown(c *checker, e *entry) {
	setting := e.Get("aes-key")
	if setting != nil && setting.Value().Kind() == swdesc.KindString && c.target.EncryptedDescription != swupdate.Yes {
		c.report(setting, "the key stands in the description")
	}
}

func checkDecryption(c *checker, e *entry) {
	if c.target.Encryption == swupdate.No && e.transformed("encrypted") {
		c.report(e.Get("encrypted"), "the target cannot decrypt artifacts")
	}
}
