package main

// noDigest leaves out the digest of the finished bundle, which nothing that
// fwpack is compared with makes: it takes a second pass, as the description in
// front of a payload holds that payload's digest.
const noDigest = "--no-output-digest"

// against is another program that reads a file.
func against(label, output string, command ...string) side {
	return side{label: label, commands: [][]string{command}, output: output}
}

// ofImage is a project of one image.
func (b *bench) ofImage(name, file, compress string) project {
	return project{name: name, artifacts: []artifact{{file: file, compress: compress}}}
}

func (b *bench) storeContests() []contest {
	store := b.ofImage("store", b.data.ext4, "none")
	openssl := against("`openssl dgst -sha256`", "", "openssl", "dgst", "-sha256", b.data.ext4)
	base := contest{rival: openssl, needs: []string{"openssl"}, touch: b.mib + b.mib/4}
	plain, digest := base, base
	plain.name, plain.goal = "store, hash, sign, pack", goal{ratio: 1.2}
	digest.name = "store, with the digest of the .swu"
	return []contest{
		store.full(b, plain, noDigest),
		store.full(b, digest),
	}
}

func (b *bench) compressContests() []contest {
	out := b.path("rival")
	zstd := func(image string) side {
		s := against("`zstd -T0 -3`", out, "zstd", "-q", "-f", "-T0", "-3", image, "-o", out)
		s.before = b.removing(out)
		return s
	}
	pigz := against("`pigz -6`", out, "sh", "-c", `exec pigz -6 -c "$1" > "$2"`, "sh", b.data.ext4, out)
	lz4 := against("`lz4`", out, "lz4", "-q", "-f", b.data.ext4, out)
	row := func(name, method, image string, g goal, rival side, needs string, options ...string) contest {
		c := contest{name: name, goal: g, rival: rival, needs: []string{needs}, touch: b.mib / 2}
		return b.ofImage(method, image, method).full(b, c, options...)
	}
	reach := goal{ratio: 1.1, size: 1.02}
	return []contest{
		row("zstd, hash, sign, pack", "zstd", b.data.ext4, reach, zstd(b.data.ext4), "zstd", noDigest),
		row("zstd, with the digest of the .swu", "zstd", b.data.ext4, goal{}, zstd(b.data.ext4), "zstd"),
		row("zstd of the squashfs", "zstd", b.data.squashfs, reach, zstd(b.data.squashfs), "zstd", noDigest),
		row("zlib, hash, sign, pack, digest", "zlib", b.data.ext4, goal{ratio: 0.5, size: 1.06}, pigz, "pigz"),
		row("lz4, hash, sign, pack, digest", "lz4", b.data.ext4, goal{}, lz4, "lz4"),
		b.xzContest("xz, pure Go", b.fwpack, goal{}),
	}
}

// xzContest is held on an eighth of the image: xz takes its time.
func (b *bench) xzContest(name, fwpack string, g goal) contest {
	return b.slowContest(name, fwpack, g, artifact{compress: "xz"}, "`xz -6 -T0`", "xz", "-q", "-k", "-c", "-6", "-T0")
}

// slowContest is held on an eighth of the image. The rival's program, the first
// of command, writes to its standard output.
func (b *bench) slowContest(name, fwpack string, g goal, like artifact, label string, command ...string) contest {
	head, out := b.head(b.imageSize()/8), b.path("rival")
	script := []string{"sh", "-c", `out=$1; shift; exec "$@" > "$out"`, "sh", out}
	rival := against(label, out, append(append(script, command...), head.path(b))...)
	p := b.ofParts("slow-"+like.compress, []part{head}, like)
	c := p.full(b, contest{name: name, goal: g, runs: min(b.runs, 3), rival: rival, needs: command[:1]})
	c.ours.commands[0][0] = fwpack
	return c
}

// nativeContests are those that only an fwpack with native encoders can enter.
func (b *bench) nativeContests() []contest {
	reach := goal{ratio: 1.1, size: 1.02}
	best := goal{ratio: 1.1, size: 1.01}
	contests := []contest{
		b.slowContest("zstd level 19, libzstd", b.native, best, artifact{compress: "zstd", level: 19},
			"`zstd -T0 -19`", "zstd", "-q", "-c", "-T0", "-19"),
		b.xzContest("xz, liblzma", b.native, reach),
	}
	if b.native != "" {
		return contests
	}
	for i := range contests {
		contests[i].absent = "needs an fwpack with native encoders (`-native`)"
	}
	return contests
}
