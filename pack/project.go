package pack

import (
	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/internal/inputs"
	"github.com/fwpack/fwpack/mcuboot/profile"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/pack/payload"
	"github.com/fwpack/fwpack/sign"
	"github.com/fwpack/fwpack/sign/plugin"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// Project is a decoded project file. Variables are expanded, paths
// are absolute or start at the working directory like File itself, and names
// refer to things that exist.
type Project struct {
	File      string // the project file, as it was named
	Name      string
	Version   string
	Vars      map[string]string // [vars] after overrides, and the built-in names
	Keys      map[string]*Key   // by name
	Images    []*Image          // in the order of the file
	DFUs      []*DFU            // in the order of the file
	Artifacts []*Artifact       // in the order of the file
	Bundles   []*Bundle         // in the order of the file
	Check     CheckConfig
	Targets   []swupdate.Profile // the [target.NAME] tables, in the order of the file

	Bootloaders map[string]*profile.Profile // the [bootloader.NAME] tables

	problems diag.List   // what Load found
	log      *inputs.Log // of all that is looked at
	env      func(string) (string, bool)
}

// Key is a [keys.NAME] table: what the key is, never the secret itself.
// One of these is set: AES or Fresh, to encrypt, or PrivateKey, Program, Command
// or Elsewhere, to sign.
type Key struct {
	Name        string
	Scheme      sign.Scheme
	Digest      sign.Digest
	PSS         bool // RSASSA-PSS inside CMS
	Purpose     sign.Purpose
	PrivateKey  string   // PEM file
	Program     *Program // that signs in the place of a private key
	Command     []string // that makes a whole signature, for swugenerator or meta-swupdate
	Style       plugin.Style
	Elsewhere   bool     // nothing signs here: what the key signs is attached later
	Public      string   // PEM file of the public key that must be behind it; schemes other than cms
	Certificate string   // PEM file; scheme cms only
	Chain       []string // PEM files of intermediates, from the certificate upwards
	Passphrase  *Secret  // of an encrypted private key
	AES         *Secret  // what SWUpdate's -K or `openssl enc -P` wrote
	Fresh       bool     // a new AES-256 key for each artifact, shipped in an encrypted description
	Pos         diag.Pos
}

// Encrypts tells whether the key is one to encrypt with.
func (k *Key) Encrypts() bool { return k.AES != nil || k.Fresh }

// Artifact is an [[artifact]] table: a payload and how it is packed.
type Artifact struct {
	Name     string
	File     string
	Compress payload.Compress
	Encrypt  string             // name of an AES key, or "" for none
	Delta    *Delta             // nil where it is shipped whole
	Image    string             // name of the image that it is, in the place of a file
	Purpose  imagebuild.Purpose // of that image
	Guards   *Delta             // of which it is the script that checks the base; nil for an artifact of the project
	Pos      diag.Pos           // of the file
}

// Bundle is a [[bundle]] table: a .swu made from a sw-description. Either
// Description or Software is set.
type Bundle struct {
	Name        string
	Output      string    // file name below the output folder
	Description string    // the template
	Software    *Software // the declaration
	Script      string    // file of Lua source that becomes embedded-script, or ""
	ScriptPos   diag.Pos
	Extra       []Extra
	Target      swupdate.Profile // the device that it is checked for, the project's handlers among its own
	Cipher      *Cipher          // of the description; nil for none
	CipherPos   diag.Pos
	Sign        []string
	Release     bool     // its keys must be nobody else's, see keygen.CheckRelease
	Require     int      // how many of Sign must have signed where signatures are attached; 0 is all
	Pos         diag.Pos // of the template or the declaration

	scriptOffset int // of ScriptPos
	outputPos    diag.Pos
}

// Extra is a file or an artifact that a bundle holds although its description
// does not name it.
type Extra struct {
	Name string // in the archive
	File string // as the project names it: an artifact, else a path
	Pos  diag.Pos
}
