package swupdate

import "slices"

// Profile is a device: what its client was built with, as far as it is known.
// The zero Profile is a client of the newest release with everything compiled
// in, of which nothing else is known; what is not known of a device is never a
// reason to refuse a description for it.
//
// A Profile can be read from TOML and JSON as it is: lists are left out for
// "all of the release", answers are left out for "not known".
type Profile struct {
	Name string `toml:"name" json:"name,omitempty"`
	// Release of the client; zero counts as the newest.
	Release Release `toml:"release" json:"release,omitzero"`
	// Handlers that are compiled in, by name or alias; nil for all of the release.
	Handlers []string `toml:"handlers" json:"handlers,omitempty"`
	// Custom are handlers of the project's own, in Lua or in C.
	Custom []CustomHandler `toml:"custom" json:"custom,omitempty"`
	// Compressions that the client can undo; nil for all of the release.
	Compressions []string `toml:"compressions" json:"compressions,omitempty"`
	// Verifier says how signatures are verified.
	Verifier Verifier `toml:"verifier" json:"verifier,omitempty"`
	// SkipsUnknownSigners: of several signers in a CMS one that is known is
	// enough. Otherwise all of them must be.
	SkipsUnknownSigners Answer `toml:"skips-unknown-signers" json:"skips-unknown-signers,omitzero"`
	// IgnoresExtraCertificates: intermediate certificates in a CMS do not help;
	// the device must have them.
	IgnoresExtraCertificates Answer `toml:"ignores-extra-certificates" json:"ignores-extra-certificates,omitzero"`
	// HardwareCheck: the client demands hardware-compatibility.
	HardwareCheck Answer `toml:"hardware-check" json:"hardware-check,omitzero"`
	// Lua: scripts in Lua, embedded-script and hooks work.
	Lua Answer `toml:"lua" json:"lua,omitzero"`
	// JSON: the description may be JSON.
	JSON Answer `toml:"json" json:"json,omitzero"`
	// Encryption: encrypted artifacts can be decrypted.
	Encryption Answer `toml:"encryption" json:"encryption,omitzero"`
	// EncryptedDescription: the description must be encrypted. A client built
	// for that takes no other.
	EncryptedDescription Answer `toml:"encrypted-description" json:"encrypted-description,omitzero"`
	// DeltaDownload: the handler delta can download by HTTP.
	DeltaDownload Answer `toml:"delta-download" json:"delta-download,omitzero"`
	// FileSystems that diskpart and diskformat can make; nil for all.
	FileSystems []string `toml:"file-systems" json:"file-systems,omitempty"`
}

// CustomHandler is a handler that does not come with SWUpdate. One with the
// name of a handler that does takes its place.
type CustomHandler struct {
	Name string `toml:"name" json:"name"`
	// Sections where it may be used; none for all of Entries.
	Sections []Section `toml:"sections" json:"sections,omitempty"`
	// NoData: its entries have no artifact.
	NoData bool `toml:"no-data" json:"no-data,omitempty"`
}

// handler is c as if it came with SWUpdate.
func (c CustomHandler) handler() Handler {
	h := Handler{Name: c.Name, Since: Oldest(), Data: NeedsData, Streamable: true, OffsetAllowed: true, Doc: "a handler of the project's own"}
	if c.NoData {
		h.Data = NoData
	}
	for _, s := range c.Sections {
		h.Sections |= s & Entries
	}
	if h.Sections&Payloads != 0 {
		h.Sections |= Payloads
	}
	if h.Sections == 0 {
		h.Sections = Entries
	}
	h.Home = h.Sections
	if h.Sections.Has(Scripts) {
		h.Calls = CallPreinst | CallPostinst | CallPostfailure
	}
	return h
}

// Debian12 is the client of Debian 12, swupdate 2022.12+dfsg-4+deb12u3, as it
// reports itself and as it was measured.
func Debian12() Profile {
	return Profile{
		Name:    "debian-12",
		Release: Release{2022, 12},
		Handlers: []string{
			"archive", "bootloader", "delta", "diskformat", "diskpart", "dummy", "flash", "flash-hamming1", "gptpart", "gptswap",
			"lua", "postinstall", "preinstall", "raw", "rawfile", "rdiff_file", "rdiff_image", "readback", "shellscript",
			"ssblswitch", "swuforward", "tar", "toggleboot", "ubipartition", "ubiswap", "ubivol", "uboot", "ucfw", "uniqueuuid",
		},
		Compressions:             []string{"zlib", "zstd"},
		Verifier:                 VerifierCMS,
		SkipsUnknownSigners:      Yes,
		IgnoresExtraCertificates: Yes,
		HardwareCheck:            Yes,
		Lua:                      Yes,
		JSON:                     Yes,
		Encryption:               Yes,
		EncryptedDescription:     No,
		DeltaDownload:            Yes,
	}
}

// Profiles returns the profiles that have a name: "debian-12", "newest", and
// one for each release, called like it, with everything compiled in.
func Profiles() []Profile {
	all := []Profile{Debian12(), {Name: "newest", Release: Newest()}}
	for _, r := range Releases() {
		all = append(all, Profile{Name: r.String(), Release: r})
	}
	return all
}

// LookupProfile finds a profile by its name.
func LookupProfile(name string) (Profile, bool) {
	all := Profiles()
	i := slices.IndexFunc(all, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return Profile{}, false
	}
	return all[i], true
}

// ProfileNames returns the names that LookupProfile knows.
func ProfileNames() []string {
	var names []string
	for _, p := range Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// HandlerState is what a profile says about a handler or a compression.
type HandlerState uint8

// The states.
const (
	HandlerKnown       HandlerState = iota // the client has it
	HandlerCustom                          // the project says that the client has it
	HandlerUnknown                         // no release has it
	HandlerTooNew                          // a later release has it
	HandlerNotCompiled                     // the release has it, this client does not
	HandlerUnusable                        // described, but no release can use it
)

// String says what state it is.
func (s HandlerState) String() string {
	return [...]string{"known", "custom", "unknown", "not in this release", "not compiled in", "unusable"}[s]
}

// OK tells whether the client has it.
func (s HandlerState) OK() bool { return s <= HandlerCustom }

// Handler finds the handler that a client of p uses for a type. The Handler is
// the zero one where the state is HandlerUnknown.
func (p Profile) Handler(name string) (Handler, HandlerState) {
	for _, c := range p.Custom {
		if c.Name == name {
			return c.handler(), HandlerCustom
		}
	}
	h, ok := LookupHandler(name)
	switch {
	case !ok:
		return Handler{}, HandlerUnknown
	case h.Unusable != "":
		return h, HandlerUnusable
	case !p.Release.Has(h.SinceAs(name)):
		return h, HandlerTooNew
	case p.Handlers != nil && !compiledIn(h, p.Handlers):
		return h, HandlerNotCompiled
	}
	return h, HandlerKnown
}

// compiledIn tells whether a name of h is in names: aliases come together.
func compiledIn(h Handler, names []string) bool {
	return slices.ContainsFunc(h.Names(), func(name string) bool { return slices.Contains(names, name) })
}

// Compression tells whether a client of p can undo a compression. Its states
// are HandlerKnown, HandlerUnknown, HandlerTooNew and HandlerNotCompiled.
func (p Profile) Compression(name string) (Compression, HandlerState) {
	i := slices.IndexFunc(compressions, func(c Compression) bool { return c.Name == name })
	switch {
	case i < 0:
		return Compression{}, HandlerUnknown
	case !p.Release.Has(compressions[i].Since):
		return compressions[i], HandlerTooNew
	case p.Compressions != nil && !slices.Contains(p.Compressions, name):
		return compressions[i], HandlerNotCompiled
	}
	return compressions[i], HandlerKnown
}

// HandlerNames returns the types that a client of p knows, sorted.
func (p Profile) HandlerNames() []string {
	names := HandlerNames()
	for _, c := range p.Custom {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		_, state := p.Handler(name)
		return !state.OK()
	})
}

// Has tells whether a client of p has a feature, by its release.
func (p Profile) Has(f Feature) bool { return p.Release.Has(f.Since()) }

// Signed tells whether the client verifies signatures, and so demands a sha256
// of every artifact.
func (p Profile) Signed() Answer {
	switch p.Verifier {
	case "":
		return Unknown
	case VerifierNone:
		return No
	}
	return Yes
}
