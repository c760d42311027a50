package firmware

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// hexRec is a line of Intel HEX with the right checksum.
func hexRec(kind byte, addr uint16, data string) string {
	raw, err := hex.DecodeString(fmt.Sprintf("%02x%04x%02x%s", len(data)/2, addr, kind, data))
	if err != nil {
		panic(err)
	}
	return ":" + hex.EncodeToString(append(raw, -sum(raw))) + "\r\n"
}

// srecRec is an S-record with the right checksum; addr says its width.
func srecRec(kind int, addr, data string) string {
	raw, err := hex.DecodeString(fmt.Sprintf("%02x%s%s", (len(addr)+len(data))/2+1, addr, data))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("S%d%X\n", kind, append(raw, ^sum(raw)))
}

func hexText(t testing.TB, m *Memory) string {
	t.Helper()
	var b strings.Builder
	if err := m.WriteHex(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func srecText(t testing.TB, m *Memory) string {
	t.Helper()
	var b strings.Builder
	if err := m.WriteSREC(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// show formats a memory as "0x10:0102 0x20:03 start 0x8000".
func show(m *Memory) string {
	var parts []string
	for _, s := range m.Segments() {
		parts = append(parts, fmt.Sprintf("%#x:%x", s.Addr, s.Data))
	}
	if m.Start != (Start{}) {
		parts = append(parts, "start "+m.Start.String())
	}
	return strings.Join(parts, " ")
}

func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error is\n%v\nwant\n%s", err, want)
	}
}

// memory makes a Memory of addresses and data in turns.
func memory(t testing.TB, name string, parts ...any) *Memory {
	t.Helper()
	m := &Memory{}
	for i := 0; i < len(parts); i += 2 {
		addr, ok := parts[i].(uint32) // int has 31 bits on some machines
		if !ok {
			addr = uint32(parts[i].(int))
		}
		if err := m.Add(addr, []byte(parts[i+1].(string)), name); err != nil {
			t.Fatal(err)
		}
	}
	return m
}
