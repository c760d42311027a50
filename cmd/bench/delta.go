package main

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// deltaContests are held on a quarter of the image: zck uses one processor.
func (b *bench) deltaContests() []contest {
	head := b.head(b.imageSize() / 4)
	image, ours, theirs := head.path(b), b.path("ours.zck"), b.path("rival.zck")
	return []contest{{
		name:  "zck create",
		goal:  goal{ratio: 1.0 / 12, size: 1.065},
		runs:  min(b.runs, 3),
		needs: []string{"zck"},
		setup: func() error { return head.make(b) },
		ours: side{
			commands: [][]string{{b.fwpack, "zck", "create", image, "-o", ours}},
			before:   b.removing(ours),
			output:   ours,
		},
		rival: side{
			label:    "`zck -u`",
			commands: [][]string{{"zck", "-u", "-o", theirs, image}},
			before:   b.removing(theirs),
			output:   theirs,
		},
		agree: func() error { return b.sameChunks(ours, theirs) },
	}}
}

// sameChunks compares what zck_read_header says of the chunks, but for their
// place and size in the file: the encoders differ.
func (b *bench) sameChunks(x, y string) error {
	ours, err := chunkTable(x)
	if err != nil {
		return err
	}
	theirs, err := chunkTable(y)
	if err != nil {
		return err
	}
	if !slices.Equal(ours, theirs) {
		return errors.New("fwpack and zck cut different chunks")
	}
	return nil
}

// chunkTable is the size and the digest of each raw chunk.
func chunkTable(path string) ([]string, error) {
	out, err := exec.Command("zck_read_header", "-c", path).Output()
	if err != nil {
		return nil, fmt.Errorf("zck_read_header: %w", err)
	}
	var chunks []string
	for line := range strings.Lines(string(out)) {
		const columns = 6 // number, digest, digest of the raw chunk, start, size, raw size
		if words := strings.Fields(line); len(words) == columns {
			chunks = append(chunks, words[5]+" "+words[2])
		}
	}
	if len(chunks) == 0 {
		return nil, errors.New("zck_read_header: no chunks")
	}
	return chunks, nil
}
