package predict

import "github.com/fwpack/fwpack/template/swdesc/swupdate"

// Prediction is what a device would do. Lists are empty, not null, in JSON.
type Prediction struct {
	Accepted bool     `json:"accepted"`
	Refusal  *Refusal `json:"refusal,omitempty"` // nil where Accepted
	Version  string   `json:"version"`           // of the description

	Found   []Source `json:"found"`   // where each key was taken from, in the client's order
	Steps   []Step   `json:"steps"`   // in the client's order, up to a refusal
	Skipped []Skip   `json:"skipped"` // what the client passes over
	Unused  []string `json:"unused"`  // files of the archive that the device has no use for

	Bootenv []Variable      `json:"bootenv"` // what is set in the bootloader's environment, or removed
	Vars    []Variable      `json:"vars"`    // the same of other environments
	Reboot  swupdate.Answer `json:"reboot"`  // whether the client asks for a reboot; null where it does not say
	Space   Space           `json:"space"`

	// Unpredictable is what depends on more than the description says.
	Unpredictable []Note `json:"unpredictable"`
}

// Stage is how far the client came.
type Stage string

// The stages, in order.
const (
	StageSignature Stage = "signature" // before the description is read
	StageRead      Stage = "read"      // while it is read
	StageCheck     Stage = "check"     // before the rest of the archive is read
	StageStream    Stage = "stream"    // while the archive is read
	StageInstall   Stage = "install"   // after that
)

// Refusal is why a client gives up.
type Refusal struct {
	Stage Stage `json:"stage"`
	// Message is the first error in the client's log, in its own words; "" where
	// they are not known, or where it crashes. Names that only the device knows,
	// such as that of TMPDIR, are left out at its end.
	Message string `json:"message"`
	Why     string `json:"why"`    // one sentence
	Offset  int    `json:"offset"` // byte of the description; 0 where it is about the whole
	Path    string `json:"path"`   // such as software.images[0]; "" where it is about the whole
}

// Source is where a key was found.
type Source struct {
	Key string `json:"key"`
	// Path is where the client found it: software.stable.copy1.images.
	Path string `json:"path"`
	// Link is where the value really stands; "" where no link led there.
	Link string `json:"link,omitempty"`
	// Rule is 1 where board and selection were looked for, 2 for the selection,
	// 3 for the board, and 4 for software itself. The first that has a key wins.
	Rule   int `json:"rule"`
	Offset int `json:"offset"` // of the value
}

// Phase is when a step is done.
type Phase string

// The phases, in order; partitions come before the first streamed artifact, or
// after the scripts where there is none.
const (
	PhasePartition Phase = "partition"
	PhaseStream    Phase = "stream"
	PhasePreinst   Phase = "preinst"
	PhaseImage     Phase = "image"
	PhaseFile      Phase = "file"
	PhasePostinst  Phase = "postinst"
	PhaseVars      Phase = "vars"
	PhaseBootenv   Phase = "bootenv"
)

// Outcome is how a step ends.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Failed  Outcome = "failed"  // before anything was changed
	Spoiled Outcome = "spoiled" // after the target was written to
)

// Step is one piece of the client's work.
type Step struct {
	Phase     Phase    `json:"phase"`
	Handler   string   `json:"handler"`
	Filename  string   `json:"filename,omitempty"`
	Target    string   `json:"target,omitempty"`
	Size      int64    `json:"size"`       // bytes in the archive; -1 where not known, or where there is no artifact
	Streamed  bool     `json:"streamed"`   // installed while the archive is read
	ViaTMPDIR bool     `json:"via_tmpdir"` // copied to TMPDIR before
	Outcome   Outcome  `json:"outcome"`
	Offset    int      `json:"offset"`
	Path      string   `json:"path"`
	Notes     []string `json:"notes,omitempty"`
}

// Skip is an entry that the client passes over without refusing.
type Skip struct {
	Section  string `json:"section"`
	Filename string `json:"filename,omitempty"`
	Why      string `json:"why"` // one clause
	Offset   int    `json:"offset"`
	Path     string `json:"path"`
}

// Variable is a variable of an environment.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Unset bool   `json:"unset"` // the variable is removed
	From  string `json:"from"`  // the path of its entry, or the key whose effect it is
}

// Space is what the device needs for the time of the update, in bytes.
type Space struct {
	// TMPDIR is what is copied there, all of it until the end.
	TMPDIR int64 `json:"tmpdir"`
	// Unknown are artifacts that are copied, too, and whose size is not known.
	Unknown []string `json:"unknown,omitempty"`
	// Unpacked are sizes after decompression and decryption, where they are known.
	Unpacked []Size `json:"unpacked"`
}

// Size is how large an artifact is on its target.
type Size struct {
	Filename string `json:"filename"`
	Target   string `json:"target,omitempty"`
	Bytes    int64  `json:"bytes"`
}

// Note is something that cannot be told ahead.
type Note struct {
	Offset int    `json:"offset"`
	Path   string `json:"path"`
	Text   string `json:"text"`
}

// finish turns absent lists into empty ones and notes what a failure leaves in
// the bootloader's environment.
func (c *client) finish() {
	if r := c.out.Refusal; r != nil {
		c.out.Bootenv, c.out.Vars = nil, nil
		if r.Stage == StageInstall {
			c.markers("failed", "3")
		}
	}
	c.unused()
	for _, list := range []*[]Variable{&c.out.Bootenv, &c.out.Vars} {
		*list = orEmpty(*list)
	}
	c.out.Found, c.out.Steps, c.out.Skipped = orEmpty(c.out.Found), orEmpty(c.out.Steps), orEmpty(c.out.Skipped)
	c.out.Unused, c.out.Unpredictable = orEmpty(c.out.Unused), orEmpty(c.out.Unpredictable)
	c.out.Space.Unpacked = orEmpty(c.out.Space.Unpacked)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// note adds something that cannot be told ahead.
func (c *client) note(offset int, path, text string) {
	c.out.Unpredictable = append(c.out.Unpredictable, Note{Offset: offset, Path: path, Text: text})
}

// unused collects the files of the archive that no entry asked for. After an
// early refusal the client has not looked at any.
func (c *client) unused() {
	if c.archive == nil || c.index == nil || c.out.Refusal != nil && c.out.Refusal.Stage != StageInstall {
		return
	}
	for _, f := range c.archive.Entries {
		images, scripts := c.index.wants(f.Name)
		if len(images)+len(scripts) == 0 {
			c.out.Unused = append(c.out.Unused, f.Name)
		}
	}
}
