// Package pack turns a project file into finished firmware artifacts.
//
// Load reads fwpack.toml into a Project, Project.Plan resolves it against the
// file system into a Plan, and Build carries the plan out:
//
//	project, err := pack.Load("fwpack.toml", pack.Inputs{})
//	if project == nil { ... }
//	plan, err := project.Plan(pack.Selection{})
//	report, err := pack.Build(ctx, plan, pack.Options{Out: "dist", ...})
//
// A Plan is plain data. Everything that can be refused without reading a
// payload or touching a key is refused before there is one, all problems at
// once, as a diag.List with file, line and column. Build opens the keys, runs
// the payloads in parallel, signs last, verifies each signature, and renames
// the outputs into place when all of them are complete.
package pack
