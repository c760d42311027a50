package main

import "strings"

// scheduleContests hold fwpack against the work that there is, shared evenly by
// all processors.
func (b *bench) scheduleContests() []contest {
	return []contest{b.cipherContest(), b.threeContest()}
}

// cipherContest: every stage in a process of its own, and what each costs.
func (b *bench) cipherContest() contest {
	plain, cipher := b.path("rival.zst"), b.path("rival")
	key, iv := strings.Repeat("5a", 32), strings.Repeat("a5", 16)
	p := project{name: "cipher", artifacts: []artifact{{file: b.data.ext4, compress: "zstd", encrypt: true}}}
	return p.full(b, contest{
		name:  "zstd, AES-256-CBC, hash, sign, pack",
		goal:  goal{ratio: 1.15},
		needs: []string{"zstd", "openssl"},
		touch: b.mib,
		rival: side{
			label: "CPU of zstd, openssl enc, 2 × openssl dgst ÷ processors",
			commands: [][]string{
				{"zstd", "-q", "-f", "-T0", "-3", b.data.ext4, "-o", plain},
				{"openssl", "enc", "-aes-256-cbc", "-K", key, "-iv", iv, "-in", plain, "-out", cipher},
				{"openssl", "dgst", "-sha256", plain},
				{"openssl", "dgst", "-sha256", cipher},
			},
			output: cipher,
			cost:   cpuShare,
		},
	}, noDigest)
}

// threeContest: the same build by one processor says what work there is.
func (b *bench) threeContest() contest {
	shares := []int64{70, 25, 5} // percent of the image
	parts := b.parted("three", len(shares), func(i int) int64 { return b.imageSize() * shares[i] / 100 })
	p := b.ofParts("three", parts, artifact{})
	for i, method := range []string{"zstd", "zlib", "none"} {
		p.artifacts[i].compress = method
	}
	alone := p.build(b, noDigest, "--jobs", "1")
	alone.label, alone.cost = "its CPU with one job ÷ processors", cpuShare
	return p.full(b, contest{
		name:  "three payloads (zstd, zlib, store: 70, 25 and 5 %)",
		goal:  goal{ratio: 1.15},
		touch: b.mib / 2,
		rival: alone,
	}, noDigest)
}
