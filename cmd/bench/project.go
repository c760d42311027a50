package main

import (
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fwpack/fwpack/examples"
	"github.com/fwpack/fwpack/pack"
)

// artifact is one payload of a project.
type artifact struct {
	file     string
	compress string
	level    int // 0: the default
	encrypt  bool
}

// project is a project that packs artifacts into one bundle.
type project struct {
	name      string
	artifacts []artifact
	parts     []part // files among those of the artifacts that have to be made
	entries   int    // of the description; 0: one for each artifact
}

const projectHead = `schema = 1
[project]
name = "bench"
version = "1"
[keys.release]
scheme = "cms"
key = "keys/release.pem"
cert = "keys/release.crt"
[keys.device]
aes = { file = "keys/device.aes" }
[[bundle]]
name = "bench"
output = "bench.swu"
description = "bench.in"
sign = ["release"]
`

// file is the project file after write.
func (p project) file(b *bench) string {
	return b.path(filepath.Join("projects", p.name, "bench.toml"))
}

// write makes the parts, and the folder of the project anew, with keys of its own.
func (p project) write(b *bench) error {
	for _, part := range p.parts {
		if err := part.make(b); err != nil {
			return err
		}
	}
	dir := filepath.Dir(p.file(b))
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	quickstart, err := fs.Sub(examples.Quickstart, "quickstart")
	if err != nil {
		return err
	}
	if _, err := pack.Scaffold(dir, quickstart, rand.Reader); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bench.in"), []byte(p.description()), 0o666); err != nil {
		return err
	}
	return os.WriteFile(p.file(b), []byte(p.toml()), 0o666)
}

func (p project) toml() string {
	var text strings.Builder
	text.WriteString(projectHead)
	for i, a := range p.artifacts {
		fmt.Fprintf(&text, "[[artifact]]\nname = \"a%d\"\nfile = '%s'\ncompress = %q\n", i, a.file, a.compress)
		if a.level != 0 {
			fmt.Fprintf(&text, "level = %d\n", a.level)
		}
		if a.encrypt {
			text.WriteString("encrypt = \"device\"\n")
		}
	}
	return text.String()
}

// description installs every artifact, and some more than once where there are
// to be more entries than artifacts.
func (p project) description() string {
	entries := p.entries
	if entries == 0 {
		entries = len(p.artifacts)
	}
	var text strings.Builder
	text.WriteString("software = {\n\tversion = \"@@VERSION@@\";\n\thardware-compatibility = [ \"1.0\" ];\n\timages = (\n")
	for i := range entries {
		end := ","
		if i == entries-1 {
			end = ""
		}
		fmt.Fprintf(&text, "\t\t{ filename = \"a%d\"; type = \"raw\"; device = \"/dev/disk/by-partlabel/p%d\"; }%s\n",
			i%len(p.artifacts), i, end)
	}
	text.WriteString("\t);\n};\n")
	return text.String()
}

// ofParts is a project with one artifact for each part.
func (b *bench) ofParts(name string, parts []part, like artifact) project {
	p := project{name: name, parts: parts}
	for _, part := range parts {
		like.file = part.path(b)
		p.artifacts = append(p.artifacts, like)
	}
	return p
}

// build is a side that builds the whole project into an empty folder.
func (p project) build(b *bench, options ...string) side {
	out := b.path("out")
	command := append([]string{b.fwpack, "build", "-f", p.file(b), "-o", out}, b.noCache...)
	return side{
		commands: [][]string{append(command, options...)},
		before:   b.removing(out),
		output:   filepath.Join(out, "bench.swu"),
	}
}

// full is a contest whose side of fwpack is a full build of p.
func (p project) full(b *bench, c contest, options ...string) contest {
	c.setup = func() error { return p.write(b) }
	c.ours = p.build(b, options...)
	return c
}
