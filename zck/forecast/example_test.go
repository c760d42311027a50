package forecast_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/fwpack/fwpack/zck"
	"github.com/fwpack/fwpack/zck/forecast"
)

func Example() {
	ctx := context.Background()
	old := bytes.Repeat([]byte("0123456789abcdef"), 40000)
	image := append(bytes.Clone(old), "something new"...)

	installed, err := zck.Index(ctx, bytes.NewReader(old), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	index, err := zck.Index(ctx, bytes.NewReader(image), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	bases := []forecast.Base{{Name: "2.3.0", Header: installed}}
	client := forecast.Client{Old: forecast.AgeOf(2024, 5)}
	target, err := forecast.NewTarget(ctx, bytes.NewReader(image), index, bases, client, forecast.ImageOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := forecast.Of(forecast.Input{Target: target, Bases: bases, Client: client})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range f.Bases {
		fmt.Printf("%s: %d of %d chunks\n", r.Name, r.Zchunk.Chunks, f.Chunks)
		fmt.Print(r.Map.Text(20, 1, forecast.ASCIIMarks()))
	}
	// Output:
	// 2.3.0: 1 of 5 chunks
	// ................+###
}
