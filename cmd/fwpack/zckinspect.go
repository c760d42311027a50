package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fwpack/fwpack/pack/deltafile"
	"github.com/fwpack/fwpack/zck"
)

func newZckInspect(s surroundings) *cobra.Command {
	var chunks, asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Print the header of a zchunk file",
		Long: `Inspect prints what zck_read_header prints, in the same words and columns, so
that scripts can take either. It checks the header and does not look at the
chunks; fwpack zck verify does.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			h, err := deltafile.ReadHeader(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(s.stdout, newZckHeaderJSON(h, chunks))
			}
			return printZck(s.stdout, h, chunks)
		},
	}
	cmd.Flags().BoolVarP(&chunks, "chunks", "c", false, "list the chunks, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// printZck prints h as zck_read_header 1.2.3 does.
func printZck(w io.Writer, h *zck.Header, chunks bool) error {
	b := bufio.NewWriter(w)
	kind := "zchunk file"
	if h.Detached {
		kind = "zchunk detached header"
	}
	fmt.Fprintf(b, "%s\n\n", kind)
	fmt.Fprintf(b, "Overall checksum type: %s\n", h.Hash)
	fmt.Fprintf(b, "Header size: %d\n", h.Len())
	fmt.Fprintf(b, "Header checksum: %s\n", h.Digest())
	printZckFlags(b, h)
	fmt.Fprintf(b, "Data size: %d\n", h.BodySize())
	fmt.Fprintf(b, "Data checksum: %s\n", orZero(h.DataDigest, h.Hash))
	fmt.Fprintf(b, "Chunk count: %d\n", len(h.Chunks)+1)
	fmt.Fprintf(b, "Chunk checksum type: %s\n", h.ChunkHash)
	if h.Dictionary.Size == 0 {
		fmt.Fprintln(b, "No dictionary")
	} else {
		fmt.Fprintf(b, "Dictionary: %s\n", h.Dictionary.Digest)
	}
	if chunks {
		printZckChunks(b, h)
	}
	return b.Flush()
}

func printZckFlags(w io.Writer, h *zck.Header) {
	if len(h.Elements) == 0 && !h.Uncompressed {
		return
	}
	fmt.Fprintln(w, "Flags:")
	if len(h.Elements) > 0 {
		fmt.Fprintln(w, "    Has optional header elements")
	}
	if h.Uncompressed {
		fmt.Fprintln(w, "    Has uncompressed checksums")
	}
}

// orZero returns a digest as it stands in the file, where none is zero bytes.
func orZero(d zck.Digest, h zck.Hash) string {
	if d == "" {
		return strings.Repeat("00", h.Size())
	}
	return d.String()
}

// zckChunks goes over the chunks as the index numbers them: the dictionary, which
// every file has room for, is the first.
func zckChunks(h *zck.Header, visit func(number int, start int64, c *zck.Chunk)) {
	start := h.Len()
	visit(0, start, &h.Dictionary)
	start += h.Dictionary.Stored
	for i := range h.Chunks {
		visit(i+1, start, &h.Chunks[i])
		start += h.Chunks[i].Stored
	}
}

// printZckChunks prints the table of chunks. Without uncompressed digests their
// column is there, without width.
func printZckChunks(w io.Writer, h *zck.Header) {
	digits := 2 * h.ChunkHash.Size()
	second := ""
	if h.Uncompressed {
		second = fmt.Sprintf("%-*s", digits, "Uncompressed Checksum")
	}
	fmt.Fprintf(w, "\n       Chunk %-*s %s %12s %12s %12s\n", digits, "Checksum", second, "Start", "Comp size", "Size")
	zckChunks(h, func(number int, start int64, c *zck.Chunk) {
		if h.Uncompressed {
			second = orZero(c.RawDigest, h.ChunkHash)
		}
		fmt.Fprintf(w, "%12d %s %s %12d %12d %12d\n", number, orZero(c.Digest, h.ChunkHash), second, start, c.Stored, c.Size)
	})
}

// zckHeaderJSON is a header as docs/json.md describes it.
type zckHeaderJSON struct {
	deltafile.HeaderSummary
	Chunks []zckChunkJSON `json:"chunks,omitempty"`
}

// zckChunkJSON is a chunk, or the dictionary, which has number 0.
type zckChunkJSON struct {
	Number       int        `json:"number"`
	Digest       zck.Digest `json:"digest"`
	Uncompressed zck.Digest `json:"uncompressed_digest,omitempty"`
	Start        int64      `json:"start"`
	Stored       int64      `json:"stored"`
	Size         int64      `json:"size"`
}

func newZckHeaderJSON(h *zck.Header, chunks bool) *zckHeaderJSON {
	j := &zckHeaderJSON{HeaderSummary: deltafile.SummarizeHeader(h)}
	if !chunks {
		return j
	}
	zckChunks(h, func(number int, start int64, c *zck.Chunk) {
		if c.Size > 0 {
			j.Chunks = append(j.Chunks, zckChunkJSON{number, c.Digest, c.RawDigest, start, c.Stored, c.Size})
		}
	})
	return j
}
