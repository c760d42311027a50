package rdiff_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/fwpack/fwpack/zck/rdiff"
)

// list is content that a delta can work with.
func list(name string) []byte {
	var b bytes.Buffer
	for i := range 100 {
		fmt.Fprintf(&b, "%s: line %d\n", name, i)
	}
	return b.Bytes()
}

func ExampleEncode() {
	base := list("release")
	image := bytes.Replace(base, []byte("line 50\n"), []byte("line fifty\n"), 1)

	var delta, result bytes.Buffer
	stats, err := rdiff.Encode(context.Background(), &delta, bytes.NewReader(base), bytes.NewReader(image), rdiff.EncodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes from the base, %d new ones, %d commands\n", stats.CopyBytes, stats.LiteralBytes, stats.Commands())

	if _, err := rdiff.Patch(context.Background(), &result, bytes.NewReader(base), &delta, rdiff.PatchOptions{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Equal(result.Bytes(), image))
	// Output:
	// 1688 bytes from the base, 5 new ones, 3 commands
	// true
}

func ExampleReader() {
	delta := "rs\x02\x36" + "\x05hello" + "\x45\x10\x20" + "\x00"
	r := rdiff.NewReader(strings.NewReader(delta))
	for {
		cmd, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("at %d: %s of %d bytes %q\n", cmd.Result, cmd.Kind, cmd.Length, data)
	}
	// Output:
	// at 0: literal of 5 bytes "hello"
	// at 5: copy of 32 bytes ""
}

func ExampleInspect() {
	stats, err := rdiff.Inspect(strings.NewReader("rs\x02\x36" + "\x05hello" + "\x45\x10\x20" + "\x00"))
	fmt.Println(stats.Result(), stats.Commands(), stats.BaseEnd, err)
	_, err = rdiff.Inspect(strings.NewReader("rs\x02\x36" + "\x05hello"))
	fmt.Println(err)
	// Output:
	// 37 2 48 <nil>
	// rdiff: offset 0xa: command: the delta ends here, 1 bytes too early
}

func ExampleDeltaFromSignature() {
	ctx := context.Background()
	base, image := list("release"), append(list("release"), "and more\n"...)

	var sums, delta, result bytes.Buffer
	opts := rdiff.SignatureOptions{BlockLength: 128}
	if err := rdiff.WriteSignature(ctx, &sums, bytes.NewReader(base), int64(len(base)), opts); err != nil {
		log.Fatal(err)
	}
	sig, err := rdiff.ReadSignature(&sums)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sig.Magic, sig.Blocks(), "blocks of", sig.BlockLength)
	if _, err := rdiff.DeltaFromSignature(ctx, &delta, sig, bytes.NewReader(image)); err != nil {
		log.Fatal(err)
	}
	if _, err := rdiff.Patch(ctx, &result, bytes.NewReader(base), &delta, rdiff.PatchOptions{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bytes.Equal(result.Bytes(), image))
	// Output:
	// rabinkarp-blake2 14 blocks of 128
	// true
}
