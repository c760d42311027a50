package firmware

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fwpack/fwpack/internal/reftool"
)

// wireSegment and wireMemory are how a Memory goes to Python and back.
type wireSegment struct {
	Addr uint32 `json:"addr"`
	Data string `json:"data"`
}

type wireMemory struct {
	Segments []wireSegment     `json:"segments"`
	Start    map[string]uint32 `json:"start"`
	Error    string            `json:"error"`
}

func wire(m *Memory) wireMemory {
	w := wireMemory{Segments: []wireSegment{}}
	for _, s := range m.Segments() {
		w.Segments = append(w.Segments, wireSegment{s.Addr, hex.EncodeToString(s.Data)})
	}
	switch m.Start.Kind {
	case StartLinear:
		w.Start = map[string]uint32{"EIP": m.Start.Value}
	case StartSegment:
		w.Start = map[string]uint32{"CS": m.Start.Value >> 16, "IP": m.Start.Value & 0xffff}
	}
	return w
}

// writeScript makes intelhex write memories, as imgtool does.
const writeScript = `
import io, json, sys
from intelhex import IntelHex
texts = []
for m in json.load(sys.stdin):
    h = IntelHex()
    for s in m["segments"]:
        h.frombytes(bytes.fromhex(s["data"]), s["addr"])
    h.start_addr = m["start"]
    f = io.StringIO()
    h.tofile(f, "hex")
    texts.append(f.getvalue())
json.dump(texts, sys.stdout)
`

// readScript makes intelhex read texts.
const readScript = `
import io, json, sys
from intelhex import IntelHex
memories = []
for text in json.load(sys.stdin):
    try:
        h = IntelHex(io.StringIO(text))
    except Exception as e:
        memories.append({"error": "%s: %s" % (type(e).__name__, e)})
        continue
    segments = [{"addr": a, "data": h.tobinstr(a, b - 1).hex()} for a, b in h.segments()]
    memories.append({"segments": segments, "start": h.start_addr})
json.dump(memories, sys.stdout)
`

func fillMemory(rnd *rand.Rand, addr uint32, size int, m *Memory) {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(rnd.Uint32())
	}
	// Pieces that collide with others are left out.
	_ = m.Add(addr, data, "")
}

// hexMemories are memories at all borders that matter to a writer of HEX files.
func hexMemories(rnd *rand.Rand) []*Memory {
	all := []*Memory{{}, {Start: Start{StartLinear, 0x8000}}, {Start: Start{StartLinear, 0}}}
	for _, base := range []uint32{0, 1, 0x7ff9, 0xfff0, 0xfff1, 0xffff, 0x10000, 0x10001, 0x1fff7, 0x8000000, 0x10001208, 0xffff0000, 0xfffffff0} {
		for _, size := range []int{1, 2, 15, 16, 17, 33, 64} {
			m := &Memory{Start: Start{StartSegment, base}}
			fillMemory(rnd, base, int(min(int64(size), addressSpace-int64(base))), m)
			all = append(all, m)
			far := &Memory{}
			fillMemory(rnd, base, int(min(int64(size), addressSpace-int64(base))), far)
			fillMemory(rnd, 0x10001208, 4, far)
			all = append(all, far)
		}
	}
	large := &Memory{}
	fillMemory(rnd, 0xfffd, 3*(1<<16), large)
	return append(append(all, large), randomMemories(rnd)...)
}

// randomMemories have small holes, and pieces without a hole between them.
func randomMemories(rnd *rand.Rand) []*Memory {
	var all []*Memory
	for range 150 {
		m := &Memory{}
		addr := rnd.Uint32N(0x30000)
		for range rnd.IntN(12) {
			size := 1 + rnd.IntN(40)
			fillMemory(rnd, addr, size, m)
			addr += uint32(size) + rnd.Uint32N(4)*rnd.Uint32N(30)
			if rnd.IntN(6) == 0 {
				addr += 0xfff0
			}
		}
		all = append(all, m)
	}
	return all
}

// What we write is, byte for byte, what imgtool's library writes.
func TestConformanceHexWriting(t *testing.T) {
	reftool.Need(t, "python3")
	memories := hexMemories(rand.New(rand.NewPCG(1, 2)))
	var in []wireMemory
	for _, m := range memories {
		in = append(in, wire(m))
	}
	var want []string
	ask(t, "intelhex", writeScript, in, &want)
	for i, m := range memories {
		if got := hexText(t, m); got != want[i] {
			t.Errorf("%.200v:\ngot\n%.400s\nwant\n%.400s", in[i].Segments, got, want[i])
		}
	}
}

// hexTexts are files by other writers: addresses in segments, records of other
// lengths, in any order, lower case, CR LF.
func hexTexts(rnd *rand.Rand) []string {
	texts := []string{
		hexRec(2, 0, "1000") + hexRec(0, 0xfff0, "000102030405060708090a0b0c0d0e0f") + hexRec(2, 0, "2fff") + hexRec(0, 0x20, "aa") + hexRec(3, 0, "10000020") + hexRec(1, 0, ""),
		hexRec(4, 0, "0001") + hexRec(0, 0xfff8, "000102030405060708090a0b0c0d0e0f") + hexRec(1, 0, ""),
		hexRec(0, 0xfff8, "000102030405060708090a0b0c0d0e0f") + hexRec(1, 0, ""),
		hexRec(4, 0, "1000") + hexRec(0, 0x1208, "ffffffff") + hexRec(4, 0, "0000") + hexRec(0, 0, "") + hexRec(0, 0x10, "01") + hexRec(5, 0, "00008001") + hexRec(1, 0, ""),
		hexRec(1, 0x1234, ""),
		"\r\n" + hexRec(0, 0, "01") + "\n" + hexRec(1, 0, "") + "\n\n",
	}
	for range 100 {
		texts = append(texts, randomHex(rnd))
	}
	return texts
}

func randomHex(rnd *rand.Rand) string {
	var text string
	for _, i := range rnd.Perm(8) {
		if rnd.IntN(2) == 0 {
			text += hexRec(4, 0, fmt.Sprintf("%04x", i/3*0x800))
		} else {
			text += hexRec(2, 0, fmt.Sprintf("%04X", i/3*0x1000))
		}
		data := make([]byte, rnd.IntN(256))
		text += hexRec(0, uint16(i*0x1000+rnd.IntN(0x100)), hex.EncodeToString(data))
	}
	return text + hexRec(1, 0, "")
}

// What we read, imgtool's library reads.
func TestConformanceHexReading(t *testing.T) {
	reftool.Need(t, "python3")
	texts := hexTexts(rand.New(rand.NewPCG(3, 4)))
	var want []wireMemory
	ask(t, "intelhex", readScript, texts, &want)
	for i, text := range texts {
		m, err := ParseHex("x.hex", []byte(text))
		if err != nil {
			if want[i].Error == "" {
				t.Errorf("%.200s: %v, intelhex reads it", text, err)
			}
			continue
		}
		if got := wire(m); fmt.Sprint(got) != fmt.Sprint(want[i]) {
			t.Errorf("%.300s:\ngot %.300v\nwant %.300v", text, got, want[i])
		}
	}
}
