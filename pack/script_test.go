package pack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fwpack/fwpack/pack/swu"
	"github.com/fwpack/fwpack/template/swdesc"
)

const luaSource = "-- says \"hello\" \\ goodbye\r\nfunction hook(image)\n\timage.path = \"/x\\n\"\n\treturn true, image\nend\n\x01\xff"

// embeddedProject embeds hooks.lua into a template or into a declaration.
func embeddedProject(t *testing.T, description, script string) string {
	t.Helper()
	toml := strings.Replace(project(t, "rsa2048", ""), "description =", "embedded-script = \"hooks.lua\"\ndescription =", 1)
	if description == "" {
		toml = strings.Replace(toml, "description = \"sw-description.in\"\n", "", 1) + checkedSoftware
		toml = strings.Replace(toml, "'app'", "'nothing'", 1)
		toml = strings.Replace(toml, "artifact =", "filename =", 1)
	}
	return files{"fwpack.toml": toml, "sw-description.in": description, "hooks.lua": script, "nothing": ""}.write(t)
}

// The script arrives on the device byte for byte, however it is escaped on the
// way.
func TestEmbeddedScript(t *testing.T) {
	const template = "software = {\n\tversion = \"1\"; // ours\n\tfiles = ( { filename = \"nothing\"; path = \"/x\"; properties = { embedded-script = \"no\"; }; } );\n};\n"
	for name, description := range map[string]string{"template": template, "declaration": ""} {
		dir := embeddedProject(t, description, luaSource)
		_, entries := build(t, dir, options(dir))
		doc, err := swdesc.Parse(entries[swu.Description])
		if err != nil {
			t.Fatal(err)
		}
		software, err := doc.Root.GetGroup("software")
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := software.GetString("embedded-script"); err != nil || got != luaSource {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if name == "template" && !strings.Contains(string(entries[swu.Description]), "version = \"1\"; // ours\n") {
			t.Errorf("the template is not kept:\n%s", entries[swu.Description])
		}
	}
}

func TestEmbeddedScriptWrong(t *testing.T) {
	const good = "software = { version = \"1\"; files = ({ filename = \"nothing\"; path = \"/x\"; }); };\n"
	for _, test := range []struct{ name, description, script, want string }{
		{"empty", good, "", "fwpack.toml:14:19: embedded-script: hooks.lua is empty"},
		{"NUL", "", "a\x00b", "fwpack.toml:14:19: embedded-script: hooks.lua has a NUL byte at offset 1, where a device takes it to end"},
		{"large", "", strings.Repeat("x", maxScript+1), "fwpack.toml:14:19: embedded-script: hooks.lua has 4194305 bytes, and 4194304 are allowed"},
		{"second", "software = {\n\tversion = \"1\"; files = ({ filename = \"nothing\"; path = \"/x\"; });\n\tb1 = { embedded-script = \"x\"; };\n};\n", "x",
			"sw-description.in:3:9: embedded-script stands in the description, and the bundle names a file for it as well: one is allowed"},
		{"no software", "other = { };\n", "x", "sw-description.in:1:1: there is no group software (SWD001)"},
		{"missing", good, "-", "fwpack.toml:14:19: embedded-script: stat hooks.lua: no such file or directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := embeddedProject(t, test.description, test.script)
			if test.script == "-" {
				if err := os.Remove(filepath.Join(dir, "hooks.lua")); err != nil {
					t.Fatal(err)
				}
			}
			project, err := Load(filepath.Join(dir, "fwpack.toml"), Inputs{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = project.Plan(Selection{})
			if err == nil || strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") != test.want {
				t.Errorf("got\n%v\nwant, in %s,\n%s", err, dir, test.want)
			}
		})
	}
}
