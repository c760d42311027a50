package restore

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"

	"github.com/fwpack/fwpack/pack/payload"
)

// toml writes the project file.
func (p *Project) toml() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Made of %s, to build it again.\nschema = 1\n\n", comment(p.output()))
	fmt.Fprintf(&b, "[project]\nname = %s\nversion = %s\n", quote(p.projectName()), quote(cmp.Or(version(p.file.Doc), "0")))
	p.keys(&b)
	for _, again := range p.payloads {
		again.toml(&b)
	}
	p.bundleTOML(&b)
	return []byte(b.String())
}

// keys writes what is known of keys, which is never the key.
func (p *Project) keys(b *strings.Builder) {
	if p.file.Signature != nil {
		b.WriteString("\n# Who signed it:\n")
		for _, signer := range p.signers() {
			fmt.Fprintf(b, "#   %s\n", comment(signer))
		}
		b.WriteString("# [keys.release]\n# scheme = \"cms\"\n# key = \"keys/release.pem\"\n# cert = \"keys/release.crt\"\n")
	}
	if p.uses(deviceKey) {
		b.WriteString("\n[keys.device] # the AES key that the devices have: put it there\naes = { file = \"keys/device.aes\" }\n")
	}
	if p.uses(freshKey) {
		b.WriteString("\n[keys.fresh]\naes = { fresh = true }\n")
	}
}

func (p *Project) uses(key string) bool {
	for _, again := range p.payloads {
		if again.encrypt == key {
			return true
		}
	}
	return false
}

// signers are those that the signature names.
func (p *Project) signers() []string {
	if p.file.CMS == nil {
		return []string{"a raw signature, which names nobody"}
	}
	var names []string
	for _, s := range p.file.CMS.Signers {
		names = append(names, fmt.Sprintf("%s (%s, %s)", s.Subject, s.Key, s.KeyFingerprint))
	}
	return names
}

func (again *packed) toml(b *strings.Builder) {
	b.WriteString("\n[[artifact]]")
	if again.about != "" {
		fmt.Fprintf(b, " # %s", comment(again.about))
	}
	fmt.Fprintf(b, "\nname = %s\nfile = %s\n", quote(again.Name), quote(folder+again.Name))
	if again.compress != payload.None {
		fmt.Fprintf(b, "compress = %s\n", quote(string(again.compress)))
	} else if again.Packing.Compress != payload.None && again.encrypt == "" {
		fmt.Fprintf(b, "# is compressed already (%s), by another program or another level\n", comment(string(again.Packing.Compress)))
	}
	if again.encrypt != "" {
		fmt.Fprintf(b, "encrypt = %s\n", quote(again.encrypt))
	}
}

func (p *Project) bundleTOML(b *strings.Builder) {
	fmt.Fprintf(b, "\n[[bundle]]\nname = %s\noutput = %s\ndescription = \"sw-description.in\"\n", quote(p.projectName()), quote(p.output()))
	if p.file.Signature != nil {
		b.WriteString("# sign = [\"release\"]\n")
	}
	var extra []string
	for _, again := range p.payloads {
		if len(again.Entries) == 0 {
			extra = append(extra, quote(again.Name))
		}
	}
	if len(extra) > 0 {
		fmt.Fprintf(b, "extra = [%s]\n", strings.Join(extra, ", "))
	}
	p.cipher(b)
}

// cipher says how the description was encrypted. It is for the same readers only
// where somebody has their certificates.
func (p *Project) cipher(b *strings.Builder) {
	switch e := p.file.Envelope; {
	case e != nil:
		mark := "# "
		if p.uses(freshKey) {
			mark = "" // without it the keys would be in the clear
		}
		fmt.Fprintf(b, "# The description was encrypted (%s) for:\n", comment(e.Cipher))
		for _, recipient := range e.Recipients {
			fmt.Fprintf(b, "#   %s\n", comment(recipient))
		}
		fmt.Fprintf(b, "%sencrypt-description = { recipients = [\"recipients/*.crt\"] }\n", mark)
	case string(p.file.Source) != string(p.file.Description.Data):
		b.WriteString("# The description was encrypted with the key of the devices:\n# encrypt-description = { key = \"device\" }\n")
	}
}

// projectName is a name for project and bundle: that of the file without its ending
// and the version, as far as it has them.
func (p *Project) projectName() string {
	name := strings.TrimSuffix(p.output(), ".swu")
	if v := version(p.file.Doc); v != "" {
		name = strings.TrimSuffix(strings.TrimSuffix(name, v), "-")
	}
	if name == "" {
		return "bundle"
	}
	return name
}

// quote writes a basic string of TOML 1.0.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// comment is text that stays in its line.
func comment(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
