package lint

import "github.com/fwpack/fwpack/template/swdesc/swupdate"

// practiceRules are about what works, and that SWUpdate's manual advises
// against.
var practiceRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD801", Name: "implicit-type", Severity: Note,
			Why:     "Without type the client guesses the handler from the section and from volume or device.",
			Hint:    "add type = \"...\";",
			Failing: these(draft(images(group(`filename = "rootfs.ext4"`, `device = "/dev/mmcblk0p2"`)))),
			Passing: these(draft(images(rootfs()))),
		}, eachEntry(checkImplicit)},
		{Rule{ID: "SWD802", Name: "shell-script", Severity: Note, Depends: "Nothing for a target without Lua.",
			Why:     "A shell script starts programs of the device, which may be missing or broken in the middle of an update, where Lua runs inside of SWUpdate.",
			Hint:    "write the script in Lua, and give it type = \"lua\";",
			Failing: these(draft(software(list("scripts", script("a.sh", "shellscript"))))),
			Passing: these(draft(software(list("scripts", script("a.lua", "lua"))))),
		}, eachEntry(checkShell)},
	}
}

func checkImplicit(c *checker, e *entry) {
	if e.Get("type") == nil && e.typ != "" {
		c.report(e, "entry has no type; the client takes %s", e.typ)
	}
}

func checkShell(c *checker, e *entry) {
	_, shell := phases[e.typ]
	if shell && e.section.kind == swupdate.Scripts && c.target.Lua != swupdate.No {
		c.report(e.place("type"), "%s runs in a shell", e.typ)
	}
}
