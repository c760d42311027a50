package lint

import (
	"strings"

	"github.com/fwpack/fwpack/template/swdesc"
	"github.com/fwpack/fwpack/template/swdesc/swupdate"
)

// scriptRules are about scripts that a shell starts.
var scriptRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD130", Name: "script-name", Severity: Error,
			Why:     "The client hands the name of a script to a shell without quotes.",
			Hint:    "use letters, digits, dots, dashes and underscores",
			Failing: these(draft(software(list("scripts", script("set up.sh", "postinstall"))), "SWD802")),
			Passing: these(draft(software(list("scripts", script("set-up.sh", "postinstall"))), "SWD802")),
		}, eachEntry(checkScriptName)},
		{Rule{ID: "SWD131", Name: "command-too-long", Severity: Error,
			Why:     "The command line of a script, its folder, name, phase and data, is cut off behind 255 bytes.",
			Hint:    "shorten data",
			Failing: these(draft(software(list("scripts", script("a.sh", "postinstall", `data = "`+strings.Repeat("d", 240)+`"`))), "SWD802")),
			Passing: these(draft(software(list("scripts", script("a.sh", "postinstall", `data = "`+strings.Repeat("d", 200)+`"`))), "SWD802")),
		}, eachEntry(checkCommand)},
	}
}

// phases are the arguments that a shell script is run with before its data.
var phases = map[string]string{"shellscript": "postinst ", "preinstall": "", "postinstall": ""}

// shellBytes are those that a shell takes for something else than a letter.
const shellBytes = " \t\r\n'\"\\$`&|;<>()*?["

func checkScriptName(c *checker, e *entry) {
	_, shell := phases[e.typ]
	name, ok := c.text(e.Group, "filename")
	if i := strings.IndexAny(name, shellBytes); ok && shell && i >= 0 && e.section.kind == swupdate.Scripts {
		c.report(e.Get("filename"), "filename %s has %q in it, which means something to the shell", quote(name), name[i])
	}
}

func checkCommand(c *checker, e *entry) {
	phase, shell := phases[e.typ]
	name, ok := c.text(e.Group, "filename")
	data, _ := c.text(e.Group, "data")
	if !ok || !shell || e.section.kind != swupdate.Scripts {
		return
	}
	if n := len("/tmp/scripts/" + name + " " + phase + data); n > swupdate.MaxCommand && len(name) <= swupdate.MaxScriptName {
		c.report(e.place("data"), "the command line has %d bytes, and %d fit", n, swupdate.MaxCommand)
	}
}

// luaScript is an embedded-script for examples.
const luaScript = `embedded-script = "function check(image) return true, image end"`

// hookRules are about functions of the embedded script.
var hookRules = func() []rule {
	return []rule{
		{Rule{ID: "SWD135", Name: "hook-without-script", Severity: Error,
			Why:     "Without embedded-script the client does not call the function, and installs the entry as if nothing had been written.",
			Hint:    "add embedded-script with the function",
			Failing: these(draft(images(rootfs(`hook = "check"`)))),
			Passing: these(draft(software(luaScript, list("images", rootfs(`hook = "check"`))))),
		}, checkHooks},
		{Rule{ID: "SWD136", Name: "function-not-in-script", Severity: Warning,
			Why:     "The name does not occur in embedded-script, and an update whose function is missing is refused.",
			Hint:    "correct the name; a function of a module that the script loads is not seen here",
			Failing: these(draft(software(luaScript, list("images", rootfs(`hook = "chekc"`))))),
			Passing: these(draft(software(luaScript, list("images", rootfs(`hook = "check"`))))),
		}, checkFunctions},
	}
}

// eachFunction visits every attribute that names a Lua function.
func (c *checker) eachFunction(visit func(setting *swdesc.Setting, name string)) {
	c.eachAttribute(func(g *swdesc.Group, setting *swdesc.Setting, a *swupdate.Attribute) {
		if name, ok := c.text(g, setting.Name()); ok && name != "" && a.Function {
			visit(setting, name)
		}
	})
}

func checkHooks(c *checker) {
	if c.anywhere("embedded-script") {
		return
	}
	c.eachFunction(func(setting *swdesc.Setting, name string) {
		c.report(setting, "%s names the function %s, and there is no embedded-script", setting.Name(), quote(name))
	})
}

func checkFunctions(c *checker) {
	words, known := c.scriptWords()
	if !known {
		return
	}
	c.eachFunction(func(setting *swdesc.Setting, name string) {
		if !words[name] && !words[name[strings.LastIndexAny(name, ".:")+1:]] {
			c.report(setting, "%s names the function %s, which does not occur in embedded-script", setting.Name(), quote(name))
		}
	})
}

// scriptWords are the names in all embedded scripts; not known where there is
// none, or one is not written out.
func (c *checker) scriptWords() (words map[string]bool, known bool) {
	words = map[string]bool{}
	for _, s := range c.scopes {
		if s.group.Get("embedded-script") == nil {
			continue
		}
		text, ok := c.text(s.group, "embedded-script")
		if !ok {
			return nil, false
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r > 127 || !strings.ContainsRune(wordBytes, r) }) {
			words[word], known = true, true
		}
	}
	return words, known
}
