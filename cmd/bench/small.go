package main

import (
	"fmt"
	"path/filepath"
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

// smallParts are files of 4 to 64 KiB.
func (b *bench) smallParts(count int) []part {
	parts := b.parted("small", count, func(i int) int64 { return int64(i%16+1) << 12 })
	for i := range parts { // the image begins with tables that are almost empty
		parts[i].offset = (parts[i].offset + b.imageSize()/2) % b.imageSize()
	}
	return parts
}

func (b *bench) smallContests() []contest {
	p := b.ofParts("small", b.smallParts(smallCount), artifact{compress: "zlib"})
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
