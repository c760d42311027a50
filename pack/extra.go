package pack

import (
	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/swu"
)

// extras packs what the bundle holds although its description does not name it,
// behind everything else.
func (bp *bundlePlanner) extras() {
	for _, extra := range bp.bundle.Extra {
		if err := swu.CheckName(extra.Name); err != nil {
			bp.problems.Addf(extra.Pos, "extra: %v", err)
			continue
		}
		artifact := bp.extraArtifact(extra)
		if artifact == nil {
			continue
		}
		if payload, ok := bp.payload(artifact, extra.Pos); ok && bp.checkExtra(extra, artifact, payload) {
			bp.plan.Entries = append(bp.plan.Entries, PlannedEntry{Name: extra.Name, Payload: payload, Extra: true})
		}
	}
}

// extraArtifact finds the artifact of the name, else the file.
func (bp *bundlePlanner) extraArtifact(extra Extra) *Artifact {
	if a := bp.project.artifact(extra.File); a != nil {
		return a
	}
	a := &Artifact{Name: extra.Name, File: bp.project.path(extra.File)}
	if _, err := bp.project.log.Stat(a.File); err != nil {
		bp.problems.AddHint(extra.Pos, diag.DidYouMean(extra.File, bp.project.artifactNames()),
			"extra: %q is neither an artifact of the project nor a file: %v", extra.File, err)
		return nil
	}
	return a
}

// checkExtra refuses what is packed already, and what no device could decrypt:
// the IV of an encrypted artifact stands in the entry that names it.
func (bp *bundlePlanner) checkExtra(extra Extra, artifact *Artifact, payload int) bool {
	if artifact.Encrypt != "" {
		bp.problems.Addf(extra.Pos, "extra: artifact %q is encrypted, and there is no entry to hold its ivt", artifact.Name)
		return false
	}
	for _, entry := range bp.plan.Entries {
		if entry.Name == extra.Name || entry.Payload == payload {
			bp.problems.Addf(extra.Pos, "extra: %q is in the bundle already", entry.Name)
			return false
		}
	}
	return true
}
