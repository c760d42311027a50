package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fwpack/fwpack/internal/diag"
	"github.com/fwpack/fwpack/pack/imagebuild"
	"github.com/fwpack/fwpack/sign"
)

// schemaVersion is the only value of the key schema that there is so far.
const schemaVersion = 1

// Load reads the project file at path. All that is wrong with it comes back at
// once as a diag.List, and then the Project is good for Plan alone, which goes
// on to look at the rest and reports everything together. A file that is not
// TOML at all gives no Project.
func Load(path string, in Inputs) (*Project, error) {
	src, err := in.Log.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, diag.Diagnostic{Msg: err.Error(), Hint: "fwpack init writes a project to begin with"}
	}
	if err != nil {
		return nil, err
	}
	overrides, err := in.overrides()
	if err != nil {
		return nil, err
	}
	doc, root, err := parseDocument(path, src)
	if err != nil {
		return nil, err
	}
	d := decoder{document: doc, root: root, project: &Project{File: path, Keys: map[string]*Key{}, log: in.Log, env: in.Env}}
	d.decode(in, overrides)
	d.project.problems = doc.problems
	return d.project, doc.problems.Err()
}

// decoder builds a Project from the tables of a document.
type decoder struct {
	*document
	root    *table
	project *Project
	named   map[string]bootloader // the [bootloader.NAME] tables
}

// decode reads the tables in the order in which they depend on each other.
func (d *decoder) decode(in Inputs, overrides map[string]string) {
	d.schema()
	d.header(in, overrides)
	d.keys()
	d.images()
	d.artifacts()
	d.check()
	d.dfus()
	d.bundles()
	d.addGuards()
	d.root.rest()
}

func (d *decoder) schema() {
	n := d.root.int("schema")
	if !d.root.has("schema") {
		d.problems.AddHint(d.lines.Pos(0), fmt.Sprintf("begin the file with schema = %d", schemaVersion), "schema is missing")
	} else if n != schemaVersion {
		d.root.errorf("schema", "schema %d is unknown: this fwpack reads schema %d", n, schemaVersion)
	}
}

// header reads [project] and [vars], which all that follows may refer to.
func (d *decoder) header(in Inputs, overrides map[string]string) {
	d.vars = decodeVars(d.root.table("vars"), in, overrides)
	d.project.Vars = d.vars
	project := d.root.table("project")
	if project == nil {
		if !d.root.has("project") {
			d.problems.Addf(d.lines.Pos(0), "the table [project] is missing")
		}
		return
	}
	for key, name := range map[string]string{"name": varProjectName, "version": varVersion} {
		if value, ok := project.values[key].(string); ok {
			d.vars[name] = value
		}
	}
	d.project.Name = project.required("name")
	d.project.Version = project.required("version")
	project.rest()
}

// keys reads the [keys.NAME] tables.
func (d *decoder) keys() {
	t := d.root.table("keys")
	if t == nil {
		return
	}
	for _, name := range t.keys() {
		if sub := t.table(name); sub != nil {
			d.project.Keys[name] = d.key(name, sub)
		}
	}
}

func (d *decoder) key(name string, t *table) *Key {
	k := &Key{
		Name:        name,
		Public:      d.path(t.string("public")),
		Certificate: d.path(t.string("cert")),
		Chain:       d.paths(t.strings("chain")),
		Passphrase:  d.secret(t.table("passphrase")),
		Pos:         t.here(),
	}
	d.aes(t.table("aes"), k)
	d.keyReference(t, k)
	t.text("scheme", &k.Scheme)
	t.text("digest", &k.Digest)
	t.text("purpose", &k.Purpose)
	k.PSS = d.padding(t)
	d.checkKey(k, t)
	t.rest()
	return k
}

// aes reads where an AES key is, or that it is drawn for each artifact.
func (d *decoder) aes(t *table, k *Key) {
	if t == nil || !t.has("fresh") {
		k.AES = d.secret(t)
		return
	}
	if k.Fresh = t.bool("fresh"); !k.Fresh {
		t.errorf("fresh", "fresh is not true: leave it out, or say where the key is")
	}
	t.rest()
}

// keyReference reads what signs: a private key, a program, or a command. Where
// there is neither but the public half, the key is elsewhere.
func (d *decoder) keyReference(t *table, k *Key) {
	k.Command = t.strings("command")
	t.text("command-style", &k.Style)
	switch {
	case t.has("key"):
		reference := t.string("key")
		if reference == "" {
			return // something is wrong with it, and has been reported
		}
		program, err := ParseKeyReference(reference)
		if err != nil {
			d.problems.AddHint(t.pos("key"), hintOf(err), "%v", err)
		}
		if k.Program = program; program == nil && err == nil {
			k.PrivateKey = d.path(reference)
		}
	case len(k.Command) > 0:
		if strings.ContainsAny(k.Command[0], `/\`) {
			k.Command[0] = d.path(k.Command[0])
		}
	default:
		k.Elsewhere = t.has("cert") || t.has("public")
	}
}

func (d *decoder) padding(t *table) bool {
	switch padding := t.string("padding"); padding {
	case "", "pkcs1v15":
		return false
	case "pss":
		return true
	default:
		t.errorf("padding", "padding %q is unknown: pkcs1v15 and pss are allowed", padding)
		return false
	}
}

// checkKey refuses tables that are incomplete and options that would do nothing.
func (d *decoder) checkKey(k *Key, t *table) {
	if t.has("aes") {
		t.idle("is for signing and does nothing in an AES key",
			"key", "command", "command-style", "public", "scheme", "cert", "chain", "digest", "padding", "purpose", "passphrase")
		return
	}
	if !t.has("key") && !t.has("command") && !k.Elsewhere {
		d.problems.AddHint(k.Pos, "a key to sign with has key = \"FILE\", one that is elsewhere cert = \"FILE\", one to encrypt with aes = { file = \"FILE\" }",
			"key %s has neither key nor aes", k.Name)
		return
	}
	d.checkScheme(k, t)
	d.checkSource(k, t)
}

// checkScheme wants what goes with the scheme.
func (d *decoder) checkScheme(k *Key, t *table) {
	switch {
	case !t.has("scheme") && t.has("cert"):
		d.problems.Addf(k.Pos, "key %s: scheme is missing: cms, rsa-pkcs1v15 and rsa-pss are allowed", k.Name)
	case !t.has("scheme"): // it signs images, and its type says how
		t.idle("is for scheme cms and does nothing without scheme", "chain", "digest", "padding", "purpose")
		d.wantPublic(k, t)
	case k.Scheme != sign.SchemeCMS:
		t.idle(fmt.Sprintf("is for scheme cms and does nothing with %s", k.Scheme), "cert", "chain", "digest", "padding", "purpose")
		d.wantPublic(k, t)
	case !t.has("cert"):
		d.problems.Addf(k.Pos, "key %s: cert is missing: scheme cms puts the certificate into the signature", k.Name)
	default:
		t.idle("does nothing with scheme cms: cert has the public key", "public")
	}
}

// wantPublic wants the public half of a key whose private one is out of sight.
func (d *decoder) wantPublic(k *Key, t *table) {
	if (k.Program != nil || len(k.Command) > 0 || k.Elsewhere) && !t.has("public") {
		d.problems.AddHint(k.Pos, "name a PEM file with the public key", "key %s: public is missing: it tells whether the key signs that is meant", k.Name)
	}
}

// checkSource refuses what does nothing beside the way in which the key signs.
func (d *decoder) checkSource(k *Key, t *table) {
	if t.has("key") {
		t.idle("stands beside key: one of the two is allowed", "command")
	}
	if !t.has("command") {
		t.idle("does nothing without command", "command-style")
	}
	switch {
	case k.Program != nil:
		t.idle("does nothing here: a signing program asks for its PIN by itself", "passphrase")
	case len(k.Command) > 0:
		t.idle("does nothing here: a command asks for its secrets by itself", "passphrase")
		t.idle("is what the command chooses", "digest", "padding")
	case k.Elsewhere:
		t.idle("does nothing for a key that is elsewhere", "passphrase")
	}
}

// idle reports each of the keys that is there as one without effect.
func (t *table) idle(why string, keys ...string) {
	for _, key := range keys {
		if t.has(key) {
			t.errorf(key, "%s %s", key, why)
		}
	}
}

// secret reads { env = ... }, { file = ... } or { command = [...] }.
func (d *decoder) secret(t *table) *Secret {
	if t == nil {
		return nil
	}
	s := &Secret{Env: t.string("env"), File: d.path(t.string("file")), Command: t.strings("command"), Dir: filepath.Dir(d.project.File)}
	t.rest()
	given := 0
	for _, key := range []string{"env", "file", "command"} {
		if t.has(key) {
			given++
		}
	}
	if given != 1 || s.Env == "" && s.File == "" && len(s.Command) == 0 {
		d.problems.Addf(t.here(), "a secret is given by exactly one of env, file and command")
	}
	return s
}

// artifacts reads the [[artifact]] tables. An image is an artifact, too, under its
// own name.
func (d *decoder) artifacts() {
	for _, t := range d.root.tables("artifact") {
		a := d.artifact(t)
		if d.project.artifact(a.Name) != nil || d.project.image(a.Name) != nil && a.Image != a.Name {
			t.errorf("name", "artifact name %q is taken: names are unique", a.Name)
		}
		t.rest()
		d.project.Artifacts = append(d.project.Artifacts, a)
	}
	for _, image := range d.project.Images {
		if d.project.artifact(image.Name) == nil {
			d.project.Artifacts = append(d.project.Artifacts, image.artifact(imagebuild.OTA))
		}
	}
	d.checkParts()
}

func (d *decoder) artifact(t *table) *Artifact {
	a := &Artifact{Pos: t.pos("file")}
	if t.has("image") {
		a = d.imageArtifact(t)
	} else {
		a.File = d.path(t.required("file"))
		a.Delta = d.delta(t.string("name"), t.table("delta"))
	}
	a.Name, a.Encrypt = t.required("name"), t.string("encrypt")
	t.text("compress", &a.Compress.Method)
	a.Compress.Level = t.int("level")
	if err := a.Compress.Check(); err != nil {
		t.errorf("level", "artifact %q: %v", a.Name, err)
	}
	if a.Encrypt != "" {
		d.wantKey(t.pos("encrypt"), a.Encrypt, true)
	}
	return a
}

// artifact finds an artifact by its name.
func (p *Project) artifact(name string) *Artifact {
	i := slices.IndexFunc(p.Artifacts, func(a *Artifact) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return p.Artifacts[i]
}

// bundles reads the [[bundle]] tables.
func (d *decoder) bundles() {
	for _, t := range d.root.tables("bundle") {
		b := d.bundle(t)
		b.outputPos = t.pos("output")
		d.checkBundle(b, t)
		t.rest()
		d.project.Bundles = append(d.project.Bundles, b)
	}
	d.checkOutputs()
	if len(d.project.Bundles) == 0 && len(d.project.Images) == 0 {
		d.problems.Addf(d.lines.Pos(0), "the project builds nothing: it has no [[bundle]] and no [[image]]")
	}
}

func (d *decoder) bundle(t *table) *Bundle {
	b := &Bundle{
		Name:         t.required("name"),
		Output:       t.required("output"),
		Description:  d.path(t.string("description")),
		Script:       d.path(t.string(embeddedScript)),
		ScriptPos:    t.pos(embeddedScript),
		scriptOffset: t.place(embeddedScript).Value,
		Extra:        d.extra(t),
		Target:       d.bundleTarget(t),
		Sign:         t.strings("sign"),
		Require:      t.int("require"),
		Release:      t.bool("release"),
		Cipher:       d.cipher(t.table("encrypt-description")),
		CipherPos:    t.pos("encrypt-description"),
		Pos:          t.pos("description"),
	}
	software := t.table("software")
	switch {
	case t.has("software") && t.has("description"):
		t.errorf("description", "description stands beside [bundle.software]: one of the two is allowed")
	case !t.has("software") && !t.has("description"):
		d.problems.AddHint(t.here(), "name a template with description, or declare it in [bundle.software]", "description is missing")
	case software != nil:
		b.Software, b.Pos = d.software(software), software.here()
	}
	return b
}

// extra reads the names of what no entry names.
func (d *decoder) extra(t *table) []Extra {
	var list []Extra
	for i, file := range t.strings("extra") {
		if file != "" {
			list = append(list, Extra{Name: path.Base(filepath.ToSlash(file)), File: file, Pos: t.elementPos("extra", i)})
		}
	}
	return list
}

func (d *decoder) checkBundle(b *Bundle, t *table) {
	for _, other := range d.project.Bundles {
		if other.Name == b.Name {
			t.errorf("name", "bundle name %q is taken: names are unique", b.Name)
		}
	}
	if b.Output != "" && !isOutputName(b.Output) {
		t.errorf("output", "output %q must be a plain file name other than %s: it is put into the output folder", b.Output, reportName)
	}
	for i, name := range b.Sign {
		if name != "" {
			d.wantKey(t.elementPos("sign", i), name, false)
		}
	}
	d.checkSigners(b, t)
}

// checkSigners refuses what one signature entry cannot hold.
func (d *decoder) checkSigners(b *Bundle, t *table) {
	if t.has("require") && (b.Require < 1 || b.Require > len(b.Sign)) {
		t.errorf("require", "require %d: 1 to the number of signers, %d, are allowed", b.Require, len(b.Sign))
	}
	for i, name := range b.Sign {
		key := d.project.Keys[name]
		if slices.Contains(b.Sign[:i], name) {
			d.problems.Addf(t.elementPos("sign", i), "key %q signs twice", name)
		} else if key != nil && !key.Encrypts() && key.Scheme == "" {
			d.problems.Addf(t.elementPos("sign", i), "key %q has no scheme: a bundle is signed by cms, rsa-pkcs1v15 or rsa-pss", name)
		} else if key != nil && !key.Encrypts() && len(b.Sign) > 1 && key.Scheme != sign.SchemeCMS {
			d.problems.Addf(t.elementPos("sign", i), "key %q has scheme %s: only keys of scheme cms can sign together", name, key.Scheme)
		}
	}
}

// wantKey checks that a key of the kind wanted exists.
func (d *decoder) wantKey(pos diag.Pos, name string, aes bool) {
	key, ok := d.project.Keys[name]
	switch {
	case !ok:
		hint := diag.DidYouMean(name, slices.Sorted(maps.Keys(d.project.Keys)))
		if hint == "" {
			hint = fmt.Sprintf("declare it as [keys.%s]", name)
		}
		d.problems.AddHint(pos, hint, "key %q is not declared", name)
	case aes && !key.Encrypts():
		d.problems.Addf(pos, "key %q has no aes and cannot encrypt", name)
	case !aes && key.Encrypts():
		d.problems.Addf(pos, "key %q is an AES key and cannot sign", name)
	}
}

// path makes a path of the project file one that the process can open.
func (p *Project) path(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(p.File), filepath.FromSlash(path))
}

func (d *decoder) path(path string) string { return d.project.path(path) }

func (d *decoder) paths(list []string) []string {
	for i, path := range list {
		list[i] = d.path(path)
	}
	return list
}
