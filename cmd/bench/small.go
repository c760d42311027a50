package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

const smallCount = 100

// smallScript does with other programs what fwpack does with small artifacts. Its
// arguments are a folder to work in, the key, the certificate and the artifacts.
const smallScript = `set -e
work=$1 key=$2 cert=$3
shift 3
rm -rf "$work"
mkdir "$work"
cd "$work"
n=0
names='sw-description sw-description.sig'
{
	echo 'software = { version = "1"; hardware-compatibility = [ "1.0" ]; images = ('
	comma=''
	for file; do
		gzip -6 -n < "$file" > "a$n"
		line=$(openssl dgst -sha256 -r "a$n")
		printf '%s{ filename = "a%d"; type = "raw"; device = "/dev/disk/by-partlabel/p%d"; compressed = "zlib"; sha256 = "%s"; }\n' \
			"$comma" $n $n "${line%% *}"
		comma=','
		n=$((n + 1))
	done
	echo '); };'
} > sw-description
openssl cms -sign -binary -md sha256 -nosmimecap -in sw-description -out sw-description.sig -outform DER -signer "$cert" -inkey "$key"
{
	echo sw-description
	echo sw-description.sig
	i=0
	while [ $i -lt $n ]; do
		echo a$i
		i=$((i + 1))
	done
} | cpio --quiet -o -H crc > bench.swu
`

// smallFiles are files of this machine of 4 to 64 KiB, over again where there are
// too few.
func smallFiles(count int) []string {
	var files []string
	for _, root := range sources {
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if len(files) == count {
				return fs.SkipAll
			}
			if err != nil || !d.Type().IsRegular() || strings.Contains(path, "'") {
				return nil
			}
			const least, most = 4 << 10, 64 << 10
			if info, err := d.Info(); err == nil && info.Size() >= least && info.Size() <= most && info.Mode()&0o004 != 0 {
				files = append(files, path)
			}
			return nil
		})
	}
	for i := 0; len(files) < count && len(files) > 0; i++ {
		files = append(files, files[i])
	}
	return files
}

// smallProject packs small files with zlib.
func smallProject(name string, count int) project {
	p := project{name: name}
	for _, file := range smallFiles(count) {
		p.artifacts = append(p.artifacts, artifact{file: file, compress: "zlib"})
	}
	return p
}

func (b *bench) smallContests() []contest {
	p := smallProject("small", smallCount)
	keys, work := filepath.Join(filepath.Dir(p.file(b)), "keys"), b.path("script")
	cert := filepath.Join(keys, "release.crt")
	script := []string{"sh", "-c", smallScript, "sh", work, filepath.Join(keys, "release.pem"), cert}
	for _, a := range p.artifacts {
		script = append(script, a.file)
	}
	c := p.full(b, contest{
		name:  fmt.Sprintf("%d small artifacts, zlib", smallCount),
		goal:  goal{ratio: 0.1},
		needs: []string{"gzip", "openssl", "cpio"},
		rival: side{label: "a script of gzip, openssl, cpio", commands: [][]string{script}, output: filepath.Join(work, "bench.swu")},
	})
	c.agree = func() error {
		_, err := b.runOnce([]string{b.fwpack, "verify", c.rival.output, "--trust", cert})
		return err
	}
	return []contest{c}
}
