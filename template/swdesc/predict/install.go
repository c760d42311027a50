package predict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// install does what is left once the archive is read.
func (c *client) install() *Refusal {
	for _, part := range []func() *Refusal{
		c.unpackScripts, c.preinst, c.makePartitions, c.installCopies, c.postinst, c.setVariables,
	} {
		if refusal := part(); refusal != nil {
			return refusal
		}
	}
	return nil
}

// unpackScripts: a script that an image or a file wants as well went to that one.
func (c *client) unpackScripts() *Refusal {
	for _, e := range c.scripts {
		if e.filename == "" || e.provided {
			continue
		}
		why := "the archive does not have the script"
		if payloads, _ := c.index.wants(e.filename); len(payloads) > 0 {
			why = "images or files have an entry with the same filename, which takes the script away"
		}
		return c.refuse(e, StageInstall, fmt.Sprintf("Required script %s not found in image", e.filename), why)
	}
	return nil
}

func (c *client) preinst() *Refusal  { return c.runScripts(PhasePreinst, swupdate.CallPreinst) }
func (c *client) postinst() *Refusal { return c.runScripts(PhasePostinst, swupdate.CallPostinst) }

func (c *client) runScripts(phase Phase, call swupdate.Call) *Refusal {
	for _, e := range c.scripts {
		if !e.kind.Calls.Has(call) {
			continue
		}
		if refusal := c.work(e, phase); refusal != nil {
			return refusal
		}
	}
	return nil
}

// makePartitions runs the handlers of partitions, once.
func (c *client) makePartitions() *Refusal {
	if c.partitioned {
		return nil
	}
	c.partitioned = true
	for _, e := range c.partitions {
		if refusal := c.work(e, PhasePartition); refusal != nil {
			return refusal
		}
	}
	return nil
}

// installCopies installs what lies in TMPDIR: images, then files.
func (c *client) installCopies() *Refusal {
	for _, e := range slices.Concat(c.images, c.files) {
		if e.streamed {
			continue
		}
		phase := PhaseImage
		if e.section == swupdate.Files {
			phase = PhaseFile
		}
		if refusal := c.work(e, phase); refusal != nil {
			return refusal
		}
	}
	return nil
}

// work runs the handler of one entry.
func (c *client) work(e *entry, phase Phase) *Refusal {
	stage := StageInstall
	if phase == PhaseStream {
		stage = StageStream
		if refusal := c.makePartitions(); refusal != nil {
			return refusal
		}
	}
	f := c.index.artifact(e)
	step := Step{
		Phase: phase, Handler: e.handler, Filename: e.filename, Target: e.target(), Size: f.Size, Outcome: Done,
		Streamed: phase == PhaseStream, ViaTMPDIR: phase != PhaseStream && e.filename != "",
		Offset: e.offset, Path: e.path, Notes: e.stepNotes(),
	}
	failed := c.failure(e, f, phase)
	if failed != nil {
		step.Outcome = failed.outcome
	}
	c.out.Steps = append(c.out.Steps, step)
	if failed != nil {
		return c.refuse(e, stage, failed.message, failed.why)
	}
	c.noteSize(e, f, step)
	return nil
}

// setVariables sets vars and, last of all, bootenv.
func (c *client) setVariables() *Refusal {
	c.variableStep(PhaseVars, len(c.out.Vars))
	c.variableStep(PhaseBootenv, len(c.out.Bootenv))
	c.markers("", "1")
	return nil
}

func (c *client) variableStep(phase Phase, n int) {
	if n == 0 {
		return
	}
	note := "1 variable"
	if n > 1 {
		note = fmt.Sprintf("%d variables", n)
	}
	c.out.Steps = append(c.out.Steps, Step{Phase: phase, Size: -1, Outcome: Done, Notes: []string{note}})
}

// target says where an entry goes.
func (e *entry) target() string {
	var parts []string
	switch {
	case e.file != "":
		parts = append(parts, e.file)
	case e.section == swupdate.Partitions && e.name != "":
		parts = append(parts, "volume "+e.name)
	case e.volume != "":
		parts = append(parts, "volume "+e.volume)
	}
	switch {
	case e.device != "" && len(parts) > 0:
		parts = append(parts, "on "+e.device)
	case e.device != "":
		parts = append(parts, e.device)
	case e.mtdname != "":
		parts = append(parts, "mtd "+e.mtdname)
	}
	return strings.Join(parts, " ")
}

// stepNotes says what of an entry is worth knowing beside its target.
func (e *entry) stepNotes() []string {
	var notes []string
	if chain := e.property(e.kind.Chain); e.kind.Chain != "" && chain != "" {
		notes = append(notes, fmt.Sprintf("%s from %s, installed by %s", clip(e.property("url")), clip(e.property("source")), clip(chain)))
	}
	if e.seek != 0 {
		notes = append(notes, fmt.Sprintf("at offset %d", e.seek))
	}
	if e.compressed != "" {
		notes = append(notes, "decompressed, "+e.compressed)
	}
	return append(notes, e.notes...)
}
